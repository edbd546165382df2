#include "spawner_client/connection.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace vx11::spawner_client {

namespace {

[[noreturn]] void throwFor(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      throw ConnectError(Obstacle::kNobody, "No spawner answers at " + path +
                                                ": start vx11-spawner there, or set spawner.binary so that "
                                                "one is started.");
    case EAGAIN:
      throw ConnectError(Obstacle::kPassing, "The spawner at " + path + " accepts no connections just now.");
    case EACCES:
    case EPERM:
      throw ConnectError(Obstacle::kLasting,
                         "The spawner's socket " + path +
                             " may not be opened by this user: run vx11d as the user that "
                             "the spawner serves, or set spawner.socket to another path.");
    case EPROTOTYPE:
      throw ConnectError(Obstacle::kLasting,
                         "The socket " + path + " is not a spawner's: set spawner.socket to another path.");
    default:
      throw ConnectError(Obstacle::kLasting, "The spawner's socket " + path + " cannot be reached: " +
                                                 strerror(error) + ". Set spawner.socket to another path.");
  }
}

void checkOwner(int socket, const std::string& path) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) throwFor(errno, path);
  if (!mayReceiveCode(peer.uid, geteuid())) {
    throw ConnectError(Obstacle::kLasting, "The spawner's socket " + path + " is served by user id " +
                                               std::to_string(peer.uid) + ", and only root and user id " +
                                               std::to_string(geteuid()) +
                                               " are trusted with code: remove it, or set spawner.socket to "
                                               "another path.");
  }
}

}  // namespace

bool mayReceiveCode(uid_t server, uid_t self) {
  return server == 0 || server == self;
}

UniqueFd connectTo(const std::filesystem::path& socket) {
  const std::string path = socket.string();
  const std::string name = socket.filename().string();
  const std::string parent = socket.parent_path().empty() ? "." : socket.parent_path().string();
  // A socket address holds 107 bytes of path; the way through our own descriptor is short for any directory.
  const UniqueFd directory(open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throwFor(errno, path);
  const std::string through = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + name;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || through.size() >= sizeof address.sun_path) throwFor(ENAMETOOLONG, path);
  memcpy(address.sun_path, through.c_str(), through.size() + 1);

  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throwFor(errno, path);
  while (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EINTR) throwFor(errno, path);
  }
  checkOwner(fd.get(), path);
  return fd;
}

}  // namespace vx11::spawner_client
