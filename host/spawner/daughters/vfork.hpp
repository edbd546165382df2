// Runs a function in a child that borrows our memory, as posix_spawn(3) does: the cost does not grow with the
// parent.
#pragma once

#include <sys/types.h>

namespace vx11::spawner {

// Sanitizers keep shadow state for each thread, which such a child must not touch.
#define VX11_IN_CHILD __attribute__((noinline, no_sanitize("address", "thread", "undefined")))

// `function` runs on a stack of its own with every signal blocked, while we are suspended until it ends or
// executes a program. It may use raw system calls and memory that was there before, nothing else; its return
// value is the exit status. `exit_signal` is 0 for a helper that only waitpid(__WALL) sees. `cgroup`: a
// directory of cgroup v2 in which the child begins; -1: in ours. -1 with errno where clone(2) fails; ENOSYS
// where this machine cannot begin a child in a cgroup.
pid_t vforkChild(int (*function)(void*), void* argument, int exit_signal, int* pidfd, int cgroup = -1);

}  // namespace vx11::spawner
