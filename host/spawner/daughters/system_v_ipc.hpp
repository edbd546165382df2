// System V shared memory, semaphores and message queues: they belong to user ids and outlive processes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <set>

namespace vx11::spawner {

// Removes every object of this IPC namespace whose owner or creator `is_finished`. Returns how many went.
// What cannot be removed is logged, and its owner and creator are added to `left`. Needs CAP_SYS_ADMIN for
// objects of others.
//
// Lists come from /proc/sysvipc/{shm,sem,msg} (proc(5)); their first line names the columns, which kernels
// have only ever added to.
size_t removeSystemVIpc(const std::function<bool(uid_t)>& is_finished, std::set<uid_t>& left);

}  // namespace vx11::spawner
