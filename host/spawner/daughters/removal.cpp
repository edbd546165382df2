#include "spawner/daughters/removal.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

#include "base/log.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr int kStepsEachTurn = 200;  // some milliseconds at worst
// Freeing takes about a third of a millisecond for each MiB of memory (measured on Linux 6.18).
constexpr blkcnt_t kHeavyBlocks = 16 * 1024 * 2;  // of 512 bytes
constexpr size_t kMaxLikely = 8;

bool isDot(const dirent& entry) {
  const std::string_view name = entry.d_name;
  return name == "." || name == "..";
}

// Whether it goes with this name, and the kernel takes long over it.
bool isHeavy(int parent, const char* name) {
  struct stat status {};
  return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
         status.st_nlink == 1 && status.st_blocks >= kHeavyBlocks;
}

// Nobody knows it before: a daughter could have taken every name that follows from an earlier one.
std::string freshName() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number))
    number = static_cast<uint64_t>(monoNow().time_since_epoch().count());
  return ".vx11-removal-" + std::to_string(number);
}

// A directory that its owner has locked up; never follows a link, and only ever sees what belongs to a
// daughter.
void unlockDirectory(int parent, const char* name) {
  const UniqueFd path(openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!path) return;
  const std::string link = "/proc/self/fd/" + std::to_string(path.get());
  chmod(link.c_str(), 0700);
}

}  // namespace

Removal::Removal(EventLoop& loop, int parent)
    : timer_(loop, [this] { work(); }), parent_(parent), call_(loop) {}

void Removal::add(std::string name, std::vector<std::string> likely, std::function<void(bool gone)> done) {
  if (likely.size() > kMaxLikely) likely.clear();
  queue_.push_back({std::move(name), std::move(likely), std::move(done)});
  if (!timer_.armed() && !call_.running()) timer_.arm(monoNow());
}

bool Removal::removeFile(int parent, const char* name) {
  const auto resume = [this, parent, copy = std::string(name)] {
    if (faccessat(parent, copy.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) failed_ = true;
    timer_.arm(monoNow());
  };
  // What resists shows why when we do it ourselves.
  if (!failed_ && isHeavy(parent, name) &&
      call_.begin(
          parent, [&] { unlinkat(parent, name, 0); }, resume))
    return true;
  return unlinkat(parent, name, 0) == 0;
}

void Removal::work() {
  for (int i = 0; i < kStepsEachTurn && !queue_.empty(); ++i) {
    const bool over = step();
    if (call_.running()) return;  // its end brings us back
    if (!over) continue;
    top_.reset();
    nested_.reset();
    found_ = failed_ = false;
    fruitless_ = 0;
    const auto done = std::move(queue_.front().done);
    queue_.pop_front();
    if (done) done(!left_);
    left_ = false;
  }
  if (!queue_.empty()) timer_.arm(monoNow());
}

Removal::Directory Removal::openDirectory(int parent, const char* name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(parent, name, kFlags);
  if (fd < 0 && errno == EACCES) {
    unlockDirectory(parent, name);
    fd = openat(parent, name, kFlags);
  }
  return Directory(fd < 0 ? nullptr : fdopendir(fd));
}

bool Removal::step() {
  if (!top_) return beginTop();
  if (nested_)
    stepNested();
  else
    stepTop();
  if (fruitless_ < 3) return false;
  log::warning("task_directory.left",
               {{"name", queue_.front().name}, {"reason", "something in it cannot be removed"}});
  left_ = true;
  return true;
}

bool Removal::beginTop() {
  const char* name = queue_.front().name.c_str();
  // The usual case: nothing else was left in it.
  removeLikely(queue_.front());
  if (call_.running()) return false;
  if (unlinkat(parent_, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
  if (errno == ENOTDIR) {
    if (removeFile(parent_, name)) return false;  // the next step finds that it is gone
    log::warning("task_directory.left", {{"name", name}, {"reason", errnoText(errno)}});
    left_ = true;
    return true;
  }
  top_ = openDirectory(parent_, name);
  if (top_) {
    fchmod(dirfd(top_.get()), 0700);
    return false;
  }
  log::warning("task_directory.left", {{"name", name}, {"reason", errnoText(errno)}});
  left_ = true;
  return true;
}

void Removal::removeLikely(const Entry& entry) {
  if (entry.likely.empty()) return;
  const UniqueFd top(openat(parent_, entry.name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return;
  for (const auto& file : entry.likely) {
    // Deeper, a link of the daughter's could lead out of its directory.
    if (file.find('/') == std::string::npos && !call_.running()) removeFile(top.get(), file.c_str());
  }
}

void Removal::stepTop() {
  const dirent* entry = readdir(top_.get());
  if (entry == nullptr) return finishPass();
  if (isDot(*entry)) return;
  found_ = true;
  const int top = dirfd(top_.get());
  if (removeFile(top, entry->d_name)) return;
  if (errno != EISDIR && errno != EPERM) {
    failed_ = true;
    return;
  }
  if (unlinkat(top, entry->d_name, AT_REMOVEDIR) == 0) return;
  nested_name_ = entry->d_name;
  unlockDirectory(top, nested_name_.c_str());
  nested_ = openDirectory(top, nested_name_.c_str());
  if (!nested_) failed_ = true;
}

void Removal::stepNested() {
  const dirent* entry = readdir(nested_.get());
  const int top = dirfd(top_.get());
  if (entry == nullptr) {
    nested_.reset();
    // Not empty yet where entries were skipped over: the next pass over the top comes back to it.
    unlinkat(top, nested_name_.c_str(), AT_REMOVEDIR);
    return;
  }
  if (isDot(*entry)) return;
  const int nested = dirfd(nested_.get());
  if (removeFile(nested, entry->d_name)) return;
  if (errno != EISDIR && errno != EPERM) {
    failed_ = true;
    return;
  }
  if (unlinkat(nested, entry->d_name, AT_REMOVEDIR) == 0) return;
  unlockDirectory(nested,
                  entry->d_name);  // moving a directory rewrites its "..", which needs write permission
  if (renameat2(nested, entry->d_name, top, freshName().c_str(), RENAME_NOREPLACE) != 0) failed_ = true;
}

void Removal::finishPass() {
  const char* name = queue_.front().name.c_str();
  if (!found_ && unlinkat(parent_, name, AT_REMOVEDIR) != 0) failed_ = true;
  if (!found_ && !failed_) {
    top_.reset();  // the next step finds that it is gone
    return;
  }
  if (failed_) ++fruitless_;
  found_ = failed_ = false;
  rewinddir(top_.get());
}

}  // namespace vx11::spawner
