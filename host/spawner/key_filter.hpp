// The kernel's keyrings (keyrings(7)) belong to user ids and sessions: they would carry the keys of whoever
// started us to daughters, and those of one daughter to the next that gets its user id, some for days.
#pragma once

namespace vx11::spawner {

// Lets this process and all below it find a kernel without keys, for good: add_key(2), request_key(2) and
// keyctl(2) fail with ENOSYS, for programs of this processor's older kinds too. Call it with one thread. 0,
// or the error: ENOSYS where the kernel has no seccomp filters or nobody has told this code the processor's
// numbers.
int forbidKeys();

}  // namespace vx11::spawner
