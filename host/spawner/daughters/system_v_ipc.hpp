// System V shared memory, semaphores and message queues: they belong to user ids and outlive processes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

namespace vx11::spawner {

struct SystemVObject {
  enum class Kind : size_t { kMemory, kSemaphores, kQueue };
  Kind kind = Kind::kMemory;
  int id = -1;
  uid_t owner = 0;
  uid_t creator = 0;
  uint64_t bytes = 0;  // of memory; what of it was never touched costs nothing
};

// Every object of this IPC namespace whose owner or creator `is_finished`.
//
// Lists come from /proc/sysvipc/{shm,sem,msg} (proc(5)); their first line names the columns, which kernels
// have only ever added to.
std::vector<SystemVObject> findSystemV(const std::function<bool(uid_t)>& is_finished);

// Needs CAP_SYS_ADMIN for objects of others. False, with errno, where it is still there. Takes about a third
// of a millisecond for each MiB.
bool removeSystemV(const SystemVObject& object);

}  // namespace vx11::spawner
