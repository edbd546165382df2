// User ids for daughters, one each while it lives, shared with other installations on this machine.
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

#include "base/unique_fd.hpp"
#include "spawner/options.hpp"

namespace vx11::spawner {

// Whether any process, thread or zombie has this real user id.
//
// getpriority(PRIO_USER) walks all threads for the best priority of a user and answers ESRCH where there is
// none (kernel/sys.c); it counts zombies until they are reaped. A process that is forked during the walk is
// appended to the list and still met, so "none" is exact for a user id that no process can leave. 0.5 to 8
// microseconds, where a helper that runs into RLIMIT_NPROC under that id costs 125.
bool hasProcesses(uid_t uid);

// The lowest id is never given out: the helper that ends trees wears it, so that no daughter can signal the
// helper.
class UidPool {
 public:
  // `lock_file` holds one write lock (fcntl F_OFD_SETLK, byte = uid) for each id in use on this machine, and
  // in the same byte whether it was worn since it was last swept; it is made 0600 if missing, and sparse.
  // Ends what daughters of a dead spawner left under ids that nobody has locked. Throws CannotStart where the
  // ids cannot be used: not mapped here, or no right to change to them.
  UidPool(UidRange range, const std::string& lock_file);

  // An id without any process, which nobody wore since it was swept, locked until its next sweep;
  // round-robin. nullopt: all are in use or wait for a sweep.
  std::optional<uid_t> acquire();
  // Its processes and its task's directory are gone; what it left elsewhere is not yet.
  void release(uid_t uid) { used_.erase(uid), worn_.insert(uid); }

  // The ids that are to be swept, and whether that should not wait.
  size_t worn() const { return worn_.size(); }
  bool sweepIsUrgent() const { return worn_.size() * 2 >= range_.last - range_.first; }
  void beginSweep() { swept_.swap(worn_); }
  // During a sweep: whether this is one of its ids, or one that nobody has; the next sweep then takes that
  // up, for this one may have gone past some of its things.
  bool isSwept(uid_t uid);
  // Those of the sweep are free again, but for those of which something is `left`. Returns how many are not.
  size_t endSweep(const std::set<uid_t>& left);

  uid_t sweeper() const { return range_.first; }

 private:
  bool lock(uid_t uid);
  bool isOurs(uid_t uid) const;
  bool isMarkedWorn(uid_t uid) const;
  void mark(uid_t uid, bool worn);
  void unlock(uid_t uid);
  void endLeftovers();

  UidRange range_;
  UniqueFd locks_;
  uid_t next_ = 0;
  bool mark_failed_ = false;
  // All locked by us, and our own locks never conflict with each other.
  std::set<uid_t> used_;
  std::set<uid_t> worn_;
  std::set<uid_t> swept_;  // by the sweep under way
};

}  // namespace vx11::spawner
