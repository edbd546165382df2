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
  // `lock_file` holds one write lock (fcntl F_OFD_SETLK, byte = uid) for each id in use on this machine; it
  // is made 0600 if missing. Ends what daughters of a dead spawner left under ids that nobody has locked.
  // Throws CannotStart where the ids cannot be used: not mapped here, or no right to change to them.
  UidPool(UidRange range, const std::string& lock_file);

  // An id without any process, locked until release(); round-robin. nullopt: all are in use.
  std::optional<uid_t> acquire();
  void release(uid_t uid);

  uid_t sweeper() const { return range_.first; }

 private:
  bool lock(uid_t uid);
  void unlock(uid_t uid);
  void endLeftovers();

  UidRange range_;
  UniqueFd locks_;
  uid_t next_ = 0;
  std::set<uid_t> used_;  // our own locks never conflict with each other
};

}  // namespace vx11::spawner
