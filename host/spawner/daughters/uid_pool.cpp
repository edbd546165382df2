#include "spawner/daughters/uid_pool.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "base/log.hpp"
#include "spawner/daughters/process_table.hpp"
#include "spawner/daughters/signal_user.hpp"
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

// Its effective user id; one of nobody's where it is gone.
uid_t userOf(pid_t pid) {
  struct stat status {};
  return stat(("/proc/" + std::to_string(pid)).c_str(), &status) == 0 ? status.st_uid
                                                                      : static_cast<uid_t>(-1);
}

// Whether a process above this one is a spawner: then its tree is not left over. The locks say so too, unless
// that spawner sees another lock file than we, as one does in a chroot or a mount namespace of its own.
// A daughter may call itself what it likes, but has a user id of the range.
bool hasSpawner(const ProcessTable& table, const Process& process, UidRange range) {
  auto at = table.find(process.parent);
  for (size_t depth = 0; at != table.end() && depth < table.size(); ++depth) {
    const uid_t user = userOf(at->first);
    if (at->second.name == "vx11-spawner" && (user < range.first || user > range.last)) return true;
    at = table.find(at->second.parent);
  }
  return false;
}

// The user ids of the range under which something runs that belongs to no living spawner.
std::set<uid_t> leftoverIds(UidRange range) {
  std::set<uid_t> ids;
  std::set<uid_t> owned;
  const auto table = readProcesses();
  for (const auto& [pid, process] : table) {
    const uid_t user = userOf(pid);
    if (user < range.first || user > range.last) continue;
    (hasSpawner(table, process, range) ? owned : ids).insert(user);
  }
  for (const uid_t uid : owned) ids.erase(uid);
  return ids;
}

// Zombies do not count: whoever inherited them may take long to reap them, and they do nothing.
bool anyLives(const std::set<uid_t>& ids) {
  for (const auto& [pid, process] : readProcesses()) {
    if (!process.zombie && ids.count(userOf(pid)) != 0) return true;
  }
  return false;
}

// One second at most for all of them together: a start must not wait for a process that cannot die.
bool waitUntilGone(const std::set<uid_t>& ids) {
  for (int i = 0; i < 200; ++i) {
    if (!anyLives(ids)) return true;
    const timespec pause{0, 5'000'000};
    nanosleep(&pause, nullptr);
  }
  return false;
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
  const int error = signalUser(range.last, range.first, 0);
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
  std::set<uid_t> ended;
  for (const uid_t uid : leftoverIds(range_)) {
    if (uid == range_.first || !lock(uid)) continue;  // locked: a living spawner's
    signalUser(uid, sweeper(), SIGKILL);
    ended.insert(uid);
  }
  if (ended.empty()) return;
  const bool gone = waitUntilGone(ended);
  vx11::log::warning("spawner.leftovers", {{"user_ids", ended.size()}, {"gone", gone ? "yes" : "no"}});
  for (const uid_t uid : ended) unlock(uid);  // acquire() passes over those of which anything is left
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
    if (isOurs(uid) || !lock(uid)) continue;
    if (hasProcesses(uid)) {
      unlock(uid);
      continue;
    }
    if (isMarkedWorn(uid)) {
      // By a spawner that is dead: what its daughter left may still be there.
      worn_.insert(uid);
      continue;
    }
    mark(uid, true);
    used_.insert(uid);
    return uid;
  }
  return std::nullopt;
}

bool UidPool::isOurs(uid_t uid) const {
  return used_.count(uid) != 0 || worn_.count(uid) != 0 || swept_.count(uid) != 0;
}

bool UidPool::isMarkedWorn(uid_t uid) const {
  char worn = 0;
  return pread(locks_.get(), &worn, 1, uid) == 1 && worn != 0;
}

void UidPool::mark(uid_t uid, bool worn) {
  const char value = worn ? 1 : 0;
  // Where it cannot be written, ids that die with this spawner are swept only by the pass at the next one's
  // start.
  if (pwrite(locks_.get(), &value, 1, uid) != 1) {
    if (!std::exchange(mark_failed_, true)) {
      vx11::log::warning("uids.not_marked", {{"reason", errnoText(errno)}});
    }
  }
}

bool UidPool::isSwept(uid_t uid) {
  if (swept_.count(uid) != 0) return true;
  if (uid <= range_.first || uid > range_.last || isOurs(uid) || !lock(uid)) return false;
  // Zombies of a dead spawner's daughters leave nothing more behind, however late they are reaped.
  if (hasProcesses(uid) && anyLives({uid})) {
    unlock(uid);
    return false;
  }
  // What of it this pass has gone past already, the next one finds.
  worn_.insert(uid);
  return true;
}

size_t UidPool::endSweep(const std::set<uid_t>& left) {
  size_t resisting = 0;
  for (const uid_t uid : std::exchange(swept_, {})) {
    if (left.count(uid) != 0) {
      worn_.insert(uid);
      ++resisting;
      continue;
    }
    mark(uid, false);
    unlock(uid);
  }
  return resisting;
}

}  // namespace vx11::spawner
