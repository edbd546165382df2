// Whether daughters that have no user ids of their own can be kept apart on this machine.
#pragma once

#include <sys/types.h>

namespace vx11::test {

long landlockAbi();  // below 1: there is none

// Whether `user`, or who we are where we are not root, may make user and mount namespaces here, and Landlock
// is new enough.
bool namespacesWork(uid_t user);

}  // namespace vx11::test
