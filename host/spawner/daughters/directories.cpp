#include "spawner/daughters/directories.hpp"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "spawner/failure.hpp"

namespace vx11::spawner {

UniqueFd openLockedDirectory(const std::string& path, mode_t mode, const std::string& option,
                             std::optional<uid_t> owner) {
  const bool made = mkdir(path.c_str(), mode) == 0;
  if (!made && errno != EEXIST)
    throw CannotStart("cannot make the directory " + path + " (" + option + "): " + errnoText(errno));
  // A trailing slash would follow a link.
  std::string plain = path;
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  UniqueFd directory(open(plain.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) {
    const std::string why =
        errno == ELOOP || errno == ENOTDIR ? "it is not a directory itself" : errnoText(errno);
    throw CannotStart("cannot use " + path + " (" + option + "): " + why);
  }
  if (made && fchmod(directory.get(), mode) != 0) {  // the umask may have taken bits away
    throw CannotStart("cannot set the mode of " + path + " (" + option + "): " + errnoText(errno));
  }
  if (made && owner && *owner != geteuid() && fchown(directory.get(), *owner, static_cast<gid_t>(-1)) != 0) {
    throw CannotStart("cannot give " + path + " (" + option + ") to user " + std::to_string(*owner) + ": " +
                      errnoText(errno));
  }
  if (flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    throw CannotStart("another vx11-spawner uses " + path + " (" + option + "): give each its own");
  }
  return directory;
}

std::string absolutePath(const UniqueFd& directory) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(directory.get());
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  if (size <= 0 || path[0] != '/') throw CannotStart("cannot read " + link + ": is /proc mounted?");
  return {path.data(), static_cast<size_t>(size)};
}

void requirePrivate(const UniqueFd& directory, const std::string& path, const std::string& option) {
  struct stat status {};
  if (fstat(directory.get(), &status) != 0)
    throw CannotStart("cannot examine " + path + ": " + errnoText(errno));
  if (status.st_uid != geteuid()) {
    throw CannotStart(path + " (" + option + ") belongs to user " + std::to_string(status.st_uid) +
                      ": give the spawner a directory of its own");
  }
  if ((status.st_mode & 022) != 0) {
    throw CannotStart(path + " (" + option + ") is writable by others: chmod go-w it");
  }
}

void requirePassable(const std::string& path, const std::string& option) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    struct stat status {};
    if (stat(part.c_str(), &status) != 0)
      throw CannotStart("cannot examine " + part + ": " + errnoText(errno));
    if ((status.st_mode & S_IXOTH) == 0) {
      throw CannotStart("tasks run as users of their own, who cannot pass through " + part + " to " + path +
                        " (" + option + "): chmod o+x it or choose another place");
    }
    if (slash == std::string::npos) return;
  }
}

}  // namespace vx11::spawner
