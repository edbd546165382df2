// One look at /proc: who descends from whom.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  bool zombie = false;  // nothing of it runs
  uint64_t born = 0;    // in clock ticks since boot, as ticksSinceBoot() counts them
  std::string name;     // of the program, at most 15 bytes
};

using ProcessTable = std::map<pid_t, Process>;

// Processes that vanish while they are read are left out.
ProcessTable readProcesses();

// The processes of this effective user id.
std::vector<pid_t> processesOf(uid_t uid);

// Now, in the units of Process::born: hundredths of a second, mostly.
uint64_t ticksSinceBoot();

// The value of one variable in the environment that the process was started with; empty where it has none or
// may not be read.
std::string variableOf(pid_t pid, const std::string& name);

// Whether nobody but leaders is left among our children.
//
// We are the subreaper of all daughters: what outlives its leader has at any moment a topmost ancestor that
// became our child. So when a leader was reaped and this holds, its tree is empty, whatever its processes did
// about sessions, environments or forking; and it is the cheapest way to know.
class Orphans {
 public:
  Orphans();

  // True only where that is certain. Reads /proc/self/task/TID/children (CONFIG_PROC_CHILDREN), which proc(5)
  // calls unreliable because children may be reaped while it is read: ours are reaped by this thread only.
  bool none(const std::map<pid_t, std::string>& leaders) const;

 private:
  UniqueFd children_;
};

}  // namespace vx11::spawner
