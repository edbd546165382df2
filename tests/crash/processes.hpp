// All processes of the machine as a test sees them: read anew each time, and not with the spawner's own code.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

namespace vx11::test {

struct SeenProcess {
  pid_t parent = 0;
  uid_t uid = 0;
  bool zombie = false;
  std::string name;
};

using SeenProcesses = std::map<pid_t, SeenProcess>;

SeenProcesses seeProcesses();
// Without `ancestor` itself.
std::set<pid_t> descendantsOf(const SeenProcesses& all, pid_t ancestor);
// As it was when the process began its program; empty where we may not look.
std::string taskIdOf(pid_t pid);

}  // namespace vx11::test
