// The first process of a daughter's PID namespace (pid_namespaces(7)): when it ends, for whatever reason, the
// kernel ends everything in there, and it is not reaped before that is done. A daughter that were the first
// one itself would be deaf to signals for which it has no handler, and would have to reap for others.
#pragma once

#include <sys/wait.h>

#include <optional>

#include "spawner/daughters/child.hpp"

namespace vx11::spawner {

// As startChild(), which calls it: it waits for the exec too. The init is a copy of ours that lives as long
// as the program and as we do. SIGTERM to it goes to the program's process group, SIGKILL ends everything.
ChildStart startUnderInit(const ChildSpec& spec);

// How the program ended, in si_code and si_status; `end` as in ChildStart. nullopt where the init was ended
// before it.
std::optional<siginfo_t> readProgramEnd(const UniqueFd& end);

}  // namespace vx11::spawner
