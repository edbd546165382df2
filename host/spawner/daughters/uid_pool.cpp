#include "spawner/daughters/uid_pool.hpp"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <memory>

#include "base/log.hpp"
#include "spawner/daughters/kill_user.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

const std::string kAdvice = "; give ids that nobody uses with --uid-range (tasks.uid_range)";

// Whether all ids of the range exist in this user namespace, by /proc/self/uid_map or gid_map.
bool isMapped(const char* map, UidRange range) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(map, "re"), fclose);
  if (!file) return false;
  unsigned long first = 0;
  unsigned long outside = 0;
  unsigned long count = 0;
  while (fscanf(file.get(), "%lu %lu %lu", &first, &outside, &count) == 3) {
    if (range.first >= first && range.last - first < count) return true;
  }
  return false;
}

// The user ids of processes on this machine that lie in the range.
std::set<uid_t> usedIds(UidRange range) {
  std::set<uid_t> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  if (!proc) return ids;
  while (const dirent* entry = readdir(proc.get())) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    struct stat status {};
    if (fstatat(dirfd(proc.get()), entry->d_name, &status, 0) != 0) continue;
    if (status.st_uid >= range.first && status.st_uid <= range.last) ids.insert(status.st_uid);
  }
  return ids;
}

bool waitUntilGone(uid_t uid) {
  for (int i = 0; i < 1000 && hasProcesses(uid); ++i) {
    const timespec millisecond{0, 1'000'000};
    nanosleep(&millisecond, nullptr);
  }
  return !hasProcesses(uid);
}

}  // namespace

bool hasProcesses(uid_t uid) {
  // Not the wrapper: it turns the kernel's 1..40 into -20..19, where -1 is ambiguous.
  return syscall(SYS_getpriority, PRIO_USER, uid) >= 0 || errno != ESRCH;
}

UidPool::UidPool(UidRange range, const std::string& lock_file) : range_(range) {
  const std::string name = std::to_string(range.first) + "-" + std::to_string(range.last);
  if (!isMapped("/proc/self/uid_map", range) || !isMapped("/proc/self/gid_map", range)) {
    throw CannotStart("the user ids " + name + " for tasks do not exist in this container or namespace" +
                      kAdvice);
  }
  // A kill that reaches nobody shows whether we may take on these ids at all.
  const int error = killUser(range.last, range.first);
  if (error != 0) {
    throw CannotStart("cannot take on the user ids " + name + " for tasks: " + errnoText(error) + kAdvice);
  }
  locks_.reset(open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!locks_) throw CannotStart("cannot open " + lock_file + ": " + errnoText(errno));
  struct stat status {};
  if (fstat(locks_.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
      (status.st_mode & 022) != 0) {
    throw CannotStart(lock_file + " must be a file that only root may write: remove it");
  }
  endLeftovers();
  // Several spawners that all began at the same id would probe each other's locks.
  uint32_t offset = 0;
  if (getrandom(&offset, sizeof offset, 0) != static_cast<ssize_t>(sizeof offset)) offset = 0;
  next_ = range.first + 1 + offset % (range.last - range.first);
}

void UidPool::endLeftovers() {
  for (const uid_t uid : usedIds(range_)) {
    if (uid == range_.first || !lock(uid)) continue;  // locked: a living spawner's
    killUser(uid, sweeper());
    const bool gone = waitUntilGone(uid);
    vx11::log::warning("spawner.leftovers", {{"uid", uid}, {"gone", gone ? "yes" : "no"}});
    unlock(uid);  // acquire() passes over it as long as anything lives
  }
}

bool UidPool::lock(uid_t uid) {
  struct flock request {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  request.l_start = uid;
  request.l_len = 1;
  return fcntl(locks_.get(), F_OFD_SETLK, &request) == 0;
}

void UidPool::unlock(uid_t uid) {
  struct flock request {};
  request.l_type = F_UNLCK;
  request.l_whence = SEEK_SET;
  request.l_start = uid;
  request.l_len = 1;
  fcntl(locks_.get(), F_OFD_SETLK, &request);
}

std::optional<uid_t> UidPool::acquire() {
  const uid_t count = range_.last - range_.first;
  for (uid_t tried = 0; tried < count; ++tried) {
    const uid_t uid = next_;
    next_ = uid == range_.last ? range_.first + 1 : uid + 1;
    if (used_.count(uid) != 0 || !lock(uid)) continue;
    if (hasProcesses(uid)) {
      unlock(uid);
      continue;
    }
    used_.insert(uid);
    return uid;
  }
  return std::nullopt;
}

void UidPool::release(uid_t uid) {
  used_.erase(uid);
  unlock(uid);
}

}  // namespace vx11::spawner
