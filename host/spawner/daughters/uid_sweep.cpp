#include "spawner/daughters/uid_sweep.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

#include "base/log.hpp"
#include "spawner/daughters/system_v_ipc.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

// hier(7) and the Filesystem Hierarchy Standard 3.0; mq_overview(7) and shm_overview(7) for the two of the
// kernel's.
constexpr const char* kPlaces[] = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock"};
constexpr int kMaxDepth = 2;         // below them
constexpr int kStepsEachTurn = 200;  // about a millisecond
constexpr uint64_t kHeavyBytes = 16 * 1024 * 1024;

// Whether the kernel takes long to remove all of them.
bool isHeavy(const std::vector<SystemVObject>& objects) {
  uint64_t bytes = 0;
  for (const auto& object : objects) bytes += object.bytes;
  return objects.size() > kStepsEachTurn || bytes > kHeavyBytes;
}

bool isSharedByAll(const struct stat& status) {
  return S_ISDIR(status.st_mode) && status.st_uid == 0 && (status.st_mode & S_ISVTX) != 0 &&
         (status.st_mode & S_IWOTH) != 0;
}

}  // namespace

UidSweep::UidSweep(EventLoop& loop, std::function<bool(uid_t)> is_finished,
                   std::function<void(const std::set<uid_t>& left)> done)
    : loop_(loop),
      is_finished_(std::move(is_finished)),
      done_(std::move(done)),
      timer_(loop, [this] { work(); }),
      call_(loop) {}

void UidSweep::begin() {
  if (running_) return;
  running_ = true;
  at_ = 0;
  removed_ = 0;
  for (const char* path : kPlaces) open(path, 0);
  const auto objects = findSystemV(is_finished_);
  const auto work = [&objects] {
    for (const auto& object : objects) removeSystemV(object);
  };
  // Those that resist, or that the call did not come to, are found once more.
  if (isHeavy(objects) && call_.begin(-1, work, [this] { removeSystemVObjects(); })) {
    removed_ += objects.size();
    return;
  }
  removeSystemVObjects();
}

void UidSweep::removeSystemVObjects() {
  for (const auto& object : findSystemV(is_finished_)) {
    if (removeSystemV(object)) {
      ++removed_;
      continue;
    }
    log::warning("ipc.left", {{"id", object.id}, {"owner", object.owner}, {"reason", errnoText(errno)}});
    left_.insert({object.owner, object.creator});
  }
  timer_.arm(monoNow());
}

void UidSweep::open(const std::string& path, int depth) {
  Place place;
  place.path = path;
  place.depth = depth;
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status {};
  if (fd < 0) return;  // not everybody has all of them
  place.directory.reset(fdopendir(fd));
  // One without the sticky bit offers no hold: names could change hands while we look.
  if (!place.directory || fstat(fd, &status) != 0 || !isSharedByAll(status)) return;
  place.removal = std::make_unique<Removal>(loop_, fd);
  places_.push_back(std::move(place));
}

void UidSweep::work() {
  for (int i = 0; i < kStepsEachTurn; ++i) {
    if (!step()) continue;
    if (removals_ == 0) finish();
    return;  // the last removal comes back here otherwise
  }
  timer_.arm(monoNow());
}

bool UidSweep::step() {
  if (at_ == places_.size()) return true;
  auto& place = places_[at_];
  const dirent* entry = readdir(place.directory.get());
  if (entry == nullptr) {
    ++at_;
    return false;
  }
  const std::string_view name = entry->d_name;
  if (name != "." && name != "..") lookAt(place, entry->d_name);
  return false;
}

void UidSweep::lookAt(Place& place, const char* name) {
  const int parent = dirfd(place.directory.get());
  struct stat status {};
  if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (isSharedByAll(status) && place.depth < kMaxDepth) {
    open(place.path + "/" + name, place.depth + 1);
    return;
  }
  const uid_t uid = status.st_uid;
  if (!is_finished_(uid)) return;
  // Big ones take their time; Removal knows how.
  if (!S_ISDIR(status.st_mode) && static_cast<uint64_t>(status.st_blocks) * 512 < kHeavyBytes) {
    if (unlinkat(parent, name, 0) == 0)
      ++removed_;
    else if (errno != ENOENT) {
      left_.insert(uid);
      log::warning("residue.left", {{"file", place.path + "/" + name}, {"reason", errnoText(errno)}});
    }
    return;
  }
  ++removals_;
  place.removal->add(name, {}, [this, uid](bool gone) {
    if (gone)
      ++removed_;
    else
      left_.insert(uid);
    if (--removals_ == 0 && at_ == places_.size()) timer_.arm(monoNow());
  });
}

void UidSweep::finish() {
  if (removed_ > 0) log::info("residue.removed", {{"objects", removed_}});
  running_ = false;
  places_.clear();
  const auto left = std::exchange(left_, {});
  done_(left);
}

}  // namespace vx11::spawner
