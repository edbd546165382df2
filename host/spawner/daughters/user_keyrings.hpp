// Keys that belong to a user id and outlive its processes (user-keyring(7), user-session-keyring(7)).
#pragma once

#include <sys/types.h>

#include <set>

namespace vx11::spawner {

// Who has keys, by /proc/key-users (proc(5)). Empty where the kernel has no such thing.
std::set<uid_t> usersWithKeys();

// Empties both keyrings of `uid`, which must have no process. Returns 0, or errno. Root only.
int clearUserKeyrings(uid_t uid);

}  // namespace vx11::spawner
