#include "spawner/listener.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

sockaddr_un addressOf(const UniqueFd& directory, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + name;
  if (path.size() >= sizeof address.sun_path) {
    throw CannotStart("the name of the socket, " + name + ", is too long: 80 bytes at most");
  }
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace

Listener::Listener(const std::string& path, std::optional<uid_t> host_uid)
    : path_(path), host_uid_(host_uid) {
  const size_t slash = path.rfind('/');
  name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name_.empty() || name_ == "." || name_ == "..")
    throw CannotStart("--socket " + path + " does not name a file");
  openDirectory(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
  lock();
  bindSocket();
}

Listener::~Listener() {
  // The lock file stays: removing it would let two starters lock two different files.
  if (socket_) unlinkat(directory_.get(), name_.c_str(), 0);
}

void Listener::openDirectory(const std::string& directory) {
  const mode_t mode = host_uid_ && *host_uid_ != geteuid() ? 0711 : 0700;
  const bool made = mkdir(directory.c_str(), mode) == 0;
  if (!made && errno != EEXIST)
    throw CannotStart("cannot make the directory " + directory + ": " + errnoText(errno));
  directory_.reset(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory_) throw CannotStart("cannot open the directory " + directory + ": " + errnoText(errno));
  if (made && fchmod(directory_.get(), mode) != 0) {
    throw CannotStart("cannot set the mode of " + directory + ": " + errnoText(errno));
  }
  struct stat status {};
  if (fstat(directory_.get(), &status) != 0)
    throw CannotStart("cannot examine " + directory + ": " + errnoText(errno));
  if (status.st_uid != 0 && !mayConnect(status.st_uid)) {
    throw CannotStart("the socket's directory " + directory + " belongs to user " +
                      std::to_string(status.st_uid) + ", who could put another socket there");
  }
  if ((status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0) {
    throw CannotStart("the socket's directory " + directory + " is writable by others: chmod go-w it");
  }
}

void Listener::lock() {
  const std::string name = name_ + ".lock";
  lock_.reset(openat(directory_.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock_) throw CannotStart("cannot open " + path_ + ".lock: " + errnoText(errno));
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return;
  throw ServedByAnother("another vx11-spawner listens at " + path_);
}

void Listener::bindSocket() {
  const auto address = addressOf(directory_, name_);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  const UniqueFd probe(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe && connect(probe.get(), generic, sizeof address) == 0) {
    throw CannotStart("another program listens at " + path_);
  }
  struct stat status {};
  if (fstatat(directory_.get(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    // With the lock in our hands nobody else is about to listen there.
    if (!S_ISSOCK(status.st_mode)) throw CannotStart(path_ + " is there and not a socket: remove it");
    unlinkat(directory_.get(), name_.c_str(), 0);
  }
  UniqueFd listening(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listening) throw CannotStart("cannot make a socket: " + errnoText(errno));
  const mode_t before = umask(0177);
  const bool bound = bind(listening.get(), generic, sizeof address) == 0;
  const int error = errno;
  umask(before);
  if (!bound) throw CannotStart("cannot bind " + path_ + ": " + errnoText(error));
  socket_ = std::move(listening);
  if (host_uid_ && *host_uid_ != geteuid() &&
      fchownat(directory_.get(), name_.c_str(), *host_uid_, static_cast<gid_t>(-1), AT_SYMLINK_NOFOLLOW) !=
          0) {
    throw CannotStart("cannot give " + path_ + " to user " + std::to_string(*host_uid_) + ": " +
                      errnoText(errno));
  }
  if (listen(socket_.get(), 16) != 0)
    throw CannotStart("cannot listen at " + path_ + ": " + errnoText(errno));
}

bool Listener::mayConnect(uid_t uid) const {
  return uid == 0 || uid == geteuid() || (host_uid_ && uid == *host_uid_);
}

std::optional<Peer> Listener::accept() const {
  UniqueFd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      throw CannotLaunch::fromErrno("cannot accept a connection", errno);
    }
    return std::nullopt;
  }
  ucred credentials{};
  socklen_t size = sizeof credentials;
  Peer peer;
  // Who connected, as the kernel noted it then; a failure leaves nobody's ids, who may not connect.
  peer.uid = static_cast<uid_t>(-1);
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.pid = credentials.pid;
    peer.uid = credentials.uid;
  }
  peer.socket = std::move(socket);
  return peer;
}

}  // namespace vx11::spawner
