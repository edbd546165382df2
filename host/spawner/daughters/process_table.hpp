// One look at /proc: who descends from whom.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

namespace vx11::spawner {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  bool zombie = false;
};

using ProcessTable = std::map<pid_t, Process>;

// Processes that vanish while they are read are left out.
ProcessTable readProcesses();

// The value of one variable in the environment that the process was started with; empty where it has none or
// may not be read.
std::string variableOf(pid_t pid, const std::string& name);

// Our own children, zombies included, from /proc/self/task/TID/children (CONFIG_PROC_CHILDREN). It is exact
// here because only this thread reaps them. False where the kernel has no such file.
bool readOwnChildren(std::set<pid_t>& children);

}  // namespace vx11::spawner
