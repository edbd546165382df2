// Starting one program: clone, the steps between clone and exec, and what went wrong in them.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <string>

#include "base/unique_fd.hpp"
#include "spawner/daughters/confinement.hpp"

namespace vx11::spawner {

struct ResourceLimit {
  int resource = 0;  // RLIMIT_…
  rlimit values{};
};

// Everything is made ready before the clone: the child allocates nothing.
struct ChildSpec {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* directory = nullptr;  // where it starts
  OwnDirectory task_directory;      // the one that stays visible in the confinement
  const Confinement* confinement = nullptr;
  bool under_init = false;  // of that confinement, and so in its namespaces already
  int cgroup = -1;          // its directory in cgroup v2; -1: it stays in ours
  int in = -1;              // descriptors above 2
  int out = -1;
  int err = -1;
  uid_t uid = 0;  // user and group of the program; 0: stay who we are
  rlimit files{};
  const ResourceLimit* limits = nullptr;  // and others
  size_t limits_count = 0;
  rlim_t processes =
      RLIM_INFINITY;  // and threads, where `uid` is not 0 or it is confined; infinity: as many as we may
};

enum class ChildStage {
  kClone,
  kCgroup,
  kSession,
  kDescriptors,
  kConfinement,
  kLimits,
  kIdentity,
  kParent,
  kPrivileges,
  kDirectory,
  kExec
};

struct ChildStart {
  pid_t pid = -1;  // -1: nothing runs
  UniqueFd pidfd;
  pid_t program = -1;  // its pid, for people; another than `pid` where that is an init
  UniqueFd end;        // where there is an init: where readProgramEnd() finds the program's end
  ChildStage failed_at = ChildStage::kClone;
  int error = 0;
};

// Returns once the program runs or the attempt has failed; a failed child is reaped. The program gets an own
// session and process group, SIGKILL when the spawner dies, an empty signal mask, default dispositions (the
// spawner ignores no signal), descriptors 0 to 2 only, no core dumps, umask 077 and no way to gain
// privileges. One thread only.
ChildStart startChild(const ChildSpec& spec);

// Whether children can be confined so: 0, or the error.
int tryConfinement(const Confinement& confinement);

// Whether children can live in this cgroup, and how they get there: 0, or the error (ECANCELED: killed
// there).
int tryCgroup(int cgroup);

// "cannot run /bin/nope", to be followed by the reason.
std::string failedStep(const ChildSpec& spec, ChildStage stage);

}  // namespace vx11::spawner
