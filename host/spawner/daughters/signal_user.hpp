// One signal for every process of one user id, at one instant.
#pragma once

#include <sys/types.h>

namespace vx11::spawner {

// A helper takes `uid` as its effective and `sweeper` as its real and saved user id and calls kill(-1,
// signal), which reaches every process that it may signal. With SIGKILL it cannot be outrun by fork: the
// kernel delivers under tasklist_lock, and a fork with a fatal signal pending fails (kernel/fork.c). With a
// real id of its own the helper cannot be signalled by those it is about to end. Signal 0 only tries whether
// the ids can be taken on. Returns 0, or errno where the helper could not become that user. Root only. What
// is gone must be asked of hasProcesses(): kill(-1) also succeeds where there is nobody.
int signalUser(uid_t uid, uid_t sweeper, int signal);

}  // namespace vx11::spawner
