#include "spawner/cgroups/cgroup_pool.hpp"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/log.hpp"
#include "spawner/cgroups/own_cgroup.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr const char* kPrefix = "vx11-spawner-";
constexpr int kDeepest = 100;     // of nested ones; each holds two descriptors while it is removed
constexpr size_t kMostFree = 64;  // each holds a descriptor and some kernel memory

std::string contentOf(const char* path) {
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 1; file && got > 0;) {
    got = read(file.get(), part.data(), part.size());
    if (got > 0) text.append(part.data(), static_cast<size_t>(got));
  }
  return text;
}

UniqueFd openDirectory(int parent, const std::string& name) {
  return UniqueFd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

std::vector<std::string> directoriesIn(int directory) {
  std::vector<std::string> names;
  const int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd < 0 ? nullptr : fdopendir(fd), closedir);
  if (!entries) return names;
  while (const dirent* entry = readdir(entries.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

// systemd marks what it hands over; what it has not marked it may rearrange at any time.
bool isOursToDivide(int cgroup) {
  if (access("/run/systemd/system", F_OK) != 0) return true;
  for (const char* mark : {"user.delegate", "trusted.delegate"}) {
    std::array<char, 4> value{};
    if (fgetxattr(cgroup, mark, value.data(), value.size()) == 1 && value[0] == '1') return true;
  }
  return false;
}

// With what a daughter that may write there has made below it.
void removeWithChildren(int parent, const std::string& name, int depth = 0) {
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return;
  const auto directory = depth < kDeepest ? openDirectory(parent, name) : UniqueFd();
  for (const auto& child : directoriesIn(directory.get()))
    removeWithChildren(directory.get(), child, depth + 1);
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && depth == 0)
    vx11::log::warning("cgroup.left", {{"cgroup", name}, {"reason", errnoText(errno)}});
}

// A second at most: what cannot die must not hold up the start.
bool waitUntilEmpty(const Cgroup& cgroup) {
  for (int i = 0; i < 200; ++i) {
    if (!cgroup.populated()) return true;
    const timespec pause{0, 5'000'000};
    nanosleep(&pause, nullptr);
  }
  return false;
}

// What cgroup.kill does not reach.
void endStragglers(int parent, const std::string& name) {
  const Cgroup cgroup(openDirectory(parent, name), name);
  for (const pid_t pid : cgroup.processes()) ::kill(pid, SIGKILL);
}

void endLeftovers(int parent) {
  for (const auto& name : directoriesIn(parent)) {
    if (name.rfind(kPrefix, 0) != 0) continue;
    auto directory = openDirectory(parent, name);
    // Locked: a living spawner's.
    if (!directory || flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
    Cgroup left(std::move(directory), name);
    if (left.populated()) {
      left.kill();
      for (const auto& child : directoriesIn(left.descriptor())) endStragglers(left.descriptor(), child);
      const bool gone = waitUntilEmpty(left);
      vx11::log::warning("spawner.leftovers", {{"cgroup", name}, {"gone", gone ? "yes" : "no"}});
    }
    removeWithChildren(parent, name);
  }
}

}  // namespace

void CgroupPool::Return::operator()(Cgroup* cgroup) const {
  pool_->giveBack(std::unique_ptr<Cgroup>(cgroup));
}

CgroupPool::CgroupPool() : name_(kPrefix + std::to_string(getpid())) {
  const auto parent = ownCgroup(contentOf("/proc/self/mountinfo"), contentOf("/proc/self/cgroup"));
  if (!parent) throw Unusable("no cgroup v2 hierarchy is mounted here");
  parent_.reset(open(parent->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent_) throw Unusable("cannot open " + *parent + ": " + errnoText(errno));
  if (!isOursToDivide(parent_.get())) throw Unusable(*parent + " is not delegated to us");
  endLeftovers(parent_.get());
  path_ = *parent + "/" + name_;
  if (mkdirat(parent_.get(), name_.c_str(), 0755) != 0)
    throw Unusable("cannot make " + path_ + ": " + errnoText(errno));
  base_ = openDirectory(parent_.get(), name_);
  const auto probe = base_ && flock(base_.get(), LOCK_EX | LOCK_NB) == 0 ? acquire() : Lease{};
  if (probe && probe->kill()) return;
  const std::string reason = errnoText(errno);
  removeWithChildren(parent_.get(), name_);
  throw Unusable("cannot use a cgroup below " + path_ + ": " + reason);
}

CgroupPool::~CgroupPool() {
  free_.clear();
  removeWithChildren(parent_.get(), name_);
}

CgroupPool::Lease CgroupPool::acquire() {
  if (!free_.empty()) {
    Lease lease(free_.back().release(), Return(this));
    free_.pop_back();
    return lease;
  }
  const std::string name = "task-" + std::to_string(++made_);
  if (mkdirat(base_.get(), name.c_str(), 0755) != 0) return {};
  auto directory = openDirectory(base_.get(), name);
  if (directory) return {new Cgroup(std::move(directory), name), Return(this)};
  const int error = errno;
  unlinkat(base_.get(), name.c_str(), AT_REMOVEDIR);
  errno = error;
  return {};
}

void CgroupPool::giveBack(std::unique_ptr<Cgroup> cgroup) {
  // One in which something still lives stays until the next spawner ends it.
  if (cgroup->populated()) return;
  if (reuse_ && free_.size() < kMostFree && !cgroup->wasKilled())
    free_.push_back(std::move(cgroup));
  else
    removeWithChildren(base_.get(), cgroup->name());
}

}  // namespace vx11::spawner
