#include "state_directory.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <fstream>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"

namespace vx11 {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error(ErrorCode::kConfiguration, "the state directory " + path.string() + " " + why);
}

void makeDirectory(const fs::path& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) {
    // Whatever the umask is: 0750 and 0700 are promises to the operator.
    if (chmod(path.c_str(), mode) == 0) return;
  } else if (errno == EEXIST && fs::is_directory(path)) {
    return;
  }
  refuse(path, std::string("cannot be made: ") + strerror(errno));
}

std::string firstLine(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

}  // namespace

void makeStateDirectories(const StateLayout& layout) {
  std::error_code failure;
  fs::create_directories(layout.path().parent_path(), failure);
  if (failure) refuse(layout.path(), "cannot be made: " + failure.message());
  makeDirectory(layout.path(), 0750);
  if (access(layout.path().c_str(), W_OK | X_OK) != 0) {
    refuse(layout.path(), std::string("cannot be written: ") + strerror(errno) +
                              "; set state.directory to one that this user may write");
  }
  struct stat status {};
  if (stat(layout.path().c_str(), &status) != 0)
    refuse(layout.path(), std::string("cannot be examined: ") + strerror(errno));
  if ((status.st_mode & 022) != 0) {
    refuse(layout.path(),
           "is writable by others, who could replace the token and the database: chmod go-w it");
  }
  makeDirectory(layout.spool(), 0700);
}

StateDirectory::StateDirectory(const fs::path& path) : StateLayout(path) {
  makeStateDirectories(*this);
  takeLock();
  readHostId();
}

void StateDirectory::takeLock() {
  const auto file = path() / "vx11d.lock";
  lock_.reset(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) refuse(path(), std::string("cannot be written: ") + strerror(errno));
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    const auto owner = firstLine(file);
    refuse(path(), "is in use by another vx11d" + (owner.empty() ? "" : " (pid " + owner + ")") +
                       "; stop that one or set another state.directory");
  }
  const auto line = std::to_string(getpid()) + "\n";
  // Only a hint for the sentence above, so a failure to write it is nothing to stop for.
  if (ftruncate(lock_.get(), 0) != 0 || write(lock_.get(), line.data(), line.size()) < 0) return;
}

void StateDirectory::readHostId() {
  const auto file = path() / "host-id";
  host_id_ = firstLine(file);
  if (host_id_.size() == 36) return;
  host_id_ = newUuid();
  if (!replace("host-id", host_id_ + "\n")) refuse(path(), "cannot be written: it is full or read-only");
}

void StateDirectory::tellDoor(const std::string& address, const fs::path& token_file) const {
  if (!replace("door", address + "\n" + fs::absolute(token_file).string() + "\n"))
    log::warning("door.not_told", {{"file", (path() / "door").string()}});
}

bool StateDirectory::replace(const std::string& name, const std::string& content) const {
  const auto fresh = path() / (name + ".new");
  std::ofstream stream(fresh);
  stream << content;
  stream.close();
  std::error_code failure;
  fs::rename(fresh, path() / name, failure);
  return stream && !failure;
}

}  // namespace vx11
