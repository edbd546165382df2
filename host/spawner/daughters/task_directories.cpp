#include "spawner/daughters/task_directories.hpp"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <memory>
#include <string_view>

#include "base/id.hpp"
#include "base/log.hpp"
#include "spawner/daughters/directories.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr const char* kTasksOptions = "--tasks, tasks.directory";
constexpr mode_t kNewFile = 0600;

void own(int fd, uid_t uid, const std::string& what) {
  if (uid != 0 && fchown(fd, uid, uid) != 0) throw CannotLaunch::fromErrno("cannot give away " + what, errno);
}

// Opens `name` below `parent`, making it if missing. Only we have been here: no link can be in the way.
UniqueFd enter(int parent, const std::string& name, uid_t uid) {
  const bool made = mkdirat(parent, name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw CannotLaunch::fromErrno("cannot make the directory " + name, errno);
  UniqueFd directory(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) throw CannotLaunch::fromErrno("cannot enter the directory " + name, errno);
  if (made) own(directory.get(), uid, name);
  return directory;
}

void copyContent(int from, int to, const std::string& name) {
  off_t offset = 0;
  for (;;) {
    const ssize_t sent = sendfile(to, from, &offset, 1 << 30);
    if (sent == 0) return;
    if (sent < 0 && errno != EINTR) throw CannotLaunch::fromErrno("cannot write the file " + name, errno);
  }
}

void writeFile(int directory, const StartFile& file, uid_t uid) {
  if (!isRelativeName(file.name)) {
    throw CannotLaunch("'" + std::string(file.name.c_str()) + "' cannot be the name of a file of the task",
                       false);
  }
  if ((file.mode & ~0777U) != 0)
    throw CannotLaunch("the mode of the file " + file.name + " goes beyond 0777", false);
  UniqueFd parent;
  int at = directory;
  std::string_view rest = file.name;
  for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    parent = enter(at, std::string(rest.substr(0, slash)), uid);
    at = parent.get();
    rest.remove_prefix(slash + 1);
  }
  const UniqueFd copy(
      openat(at, std::string(rest).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kNewFile));
  if (!copy) {
    if (errno == EEXIST) throw CannotLaunch("two files of the task are named " + file.name, false);
    throw CannotLaunch::fromErrno("cannot make the file " + file.name, errno);
  }
  copyContent(file.content.get(), copy.get(), file.name);
  own(copy.get(), uid, file.name);
  if (file.mode != kNewFile && fchmod(copy.get(), file.mode) != 0)
    throw CannotLaunch::fromErrno("cannot set the mode of " + file.name, errno);
}

// UUID.NONCE, as the host makes them.
bool isTaskName(std::string_view name) {
  const auto dot = name.find('.');
  return dot != std::string_view::npos && isUuid(name.substr(0, dot)) && isUuid(name.substr(dot + 1));
}

}  // namespace

bool isRelativeName(const std::string& name) {
  if (name.empty() || name.size() >= PATH_MAX || name.find('\0') != std::string::npos) return false;
  std::string_view rest = name;
  for (;;) {
    const auto part = rest.substr(0, rest.find('/'));
    if (part.empty() || part == "." || part == ".." || part.size() > NAME_MAX) return false;
    if (part.size() == rest.size()) return true;
    rest.remove_prefix(part.size() + 1);
  }
}

TaskDirectories::TaskDirectories(const std::string& path, bool for_own_uids, uint64_t max_bytes) {
  lock_ = openLockedDirectory(path, 0711, kTasksOptions);
  requirePrivate(lock_, path, kTasksOptions);
  path_ = absolutePath(lock_);
  if (for_own_uids) requirePassable(path_, kTasksOptions);
  if (for_own_uids && max_bytes != 0 && inMemory()) {
    try {
      file_systems_.emplace(path_, max_bytes);
    } catch (const TaskFileSystems::Unusable& error) {
      log::info("task_directories.unlimited", {{"path", path_}, {"reason", error.what()}});
    }
  }
  // Through the first one nobody sees what covers it since.
  directory_.reset(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory_)
    throw CannotStart("cannot open " + path_ + " (" + kTasksOptions + "): " + errnoText(errno));
}

bool TaskDirectories::inMemory() const {
  struct statfs status {};
  return fstatfs(lock_.get(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

std::vector<std::string> TaskDirectories::leftovers() const {
  std::vector<std::string> names;
  size_t foreign = 0;
  std::string example;
  const int fd = openat(lock_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd < 0 ? nullptr : fdopendir(fd), closedir);
  if (!entries) return names;
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (isTaskName(name)) {
      names.emplace_back(name);
    } else {
      ++foreign;
      example = name;
    }
  }
  if (foreign > 0) {
    log::warning("task_directories.foreign",
                 {{"directory", path_}, {"entries", foreign}, {"one_of_them", example}});
  }
  return names;
}

std::string TaskDirectories::place(const std::string& task) {
  return file_systems_ ? std::to_string(file_systems_->acquire()) + "/" + task : task;
}

bool TaskDirectories::release(const std::string& name) {
  return name.find('/') != std::string::npos && file_systems_->release(std::stoul(name));
}

void TaskDirectories::make(const std::string& name, uid_t uid, const std::vector<StartFile>& files) const {
  if (mkdirat(directory_.get(), name.c_str(), 0700) != 0) {
    throw CannotLaunch::fromErrno("cannot make the task directory " + pathOf(name), errno);
  }
  if (!files.empty()) {
    const UniqueFd directory(
        openat(directory_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) throw CannotLaunch::fromErrno("cannot enter the task directory " + pathOf(name), errno);
    for (const auto& file : files) writeFile(directory.get(), file, uid);
  }
  // Last, so that its owner cannot be there before it is complete.
  if (uid != 0 && fchownat(directory_.get(), name.c_str(), uid, uid, AT_SYMLINK_NOFOLLOW) != 0) {
    throw CannotLaunch::fromErrno("cannot give away the task directory " + pathOf(name), errno);
  }
}

}  // namespace vx11::spawner
