#include "spawner/daughters/removal.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

#include "base/log.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr int kStepsEachTurn = 200;  // some milliseconds at worst
constexpr size_t kMaxLikely = 8;

bool isDot(const dirent& entry) {
  const std::string_view name = entry.d_name;
  return name == "." || name == "..";
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

Removal::Removal(EventLoop& loop, int parent) : timer_(loop, [this] { work(); }), parent_(parent) {}

void Removal::add(std::string name, std::vector<std::string> likely, std::function<void(bool gone)> done) {
  if (likely.size() > kMaxLikely) likely.clear();
  queue_.push_back({std::move(name), std::move(likely), std::move(done)});
  if (!timer_.armed()) timer_.arm(monoNow());
}

void Removal::work() {
  for (int i = 0; i < kStepsEachTurn && !queue_.empty(); ++i) {
    if (!step()) continue;
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
  if (unlinkat(parent_, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
  if (errno == ENOTDIR) {
    unlinkat(parent_, name, 0);
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

void Removal::removeLikely(const Entry& entry) const {
  if (entry.likely.empty()) return;
  const UniqueFd top(openat(parent_, entry.name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return;
  for (const auto& file : entry.likely) {
    // Deeper, a link of the daughter's could lead out of its directory.
    if (file.find('/') == std::string::npos) unlinkat(top.get(), file.c_str(), 0);
  }
}

void Removal::stepTop() {
  const dirent* entry = readdir(top_.get());
  if (entry == nullptr) return finishPass();
  if (isDot(*entry)) return;
  found_ = true;
  const int top = dirfd(top_.get());
  if (unlinkat(top, entry->d_name, 0) == 0) return;
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
  if (unlinkat(nested, entry->d_name, 0) == 0) return;
  if (errno != EISDIR && errno != EPERM) {
    failed_ = true;
    return;
  }
  if (unlinkat(nested, entry->d_name, AT_REMOVEDIR) == 0) return;
  unlockDirectory(nested,
                  entry->d_name);  // moving a directory rewrites its "..", which needs write permission
  std::string place;
  do {
    place = ".vx11-removal-" + std::to_string(++moved_);
  } while (faccessat(top, place.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0);
  if (renameat(nested, entry->d_name, top, place.c_str()) != 0) failed_ = true;
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
