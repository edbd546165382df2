// The surroundings in which vx11d is started: other users, umasks, limits, mounts.
#pragma once

#include <filesystem>
#include <string>

#include "daemon.hpp"

namespace vx11::test {

inline constexpr unsigned kNobody = 65534;

// `prelude` is shell code that runs in vx11d's process before it: "umask 002", "ulimit -n 64", "mount …".
// With `launcher` (such as "setpriv … ") in front of the program. The pid stays that of vx11d.
void startThrough(Daemon& daemon, const std::string& prelude, const std::string& launcher = {});

// Copies host, spawner and plugins into the daemon's directory, where every user may read and run them.
void installForEverybody(Daemon& daemon);
// installForEverybody, and gives everything in the daemon's directory to this user, who then runs it. Only
// root can.
void startAs(Daemon& daemon, unsigned user);
void startAsNobody(Daemon& daemon);
// Why a vx11d of that user cannot be shown here; empty when it can.
std::string whyNotAs(unsigned user);
std::string whyNotAsNobody();

// uid of a living process; throws std::runtime_error where there is none.
unsigned ownerOf(pid_t pid);

// The body of a spawn request.
std::string spawnBody(const std::string& task_type, const std::string& code);

}  // namespace vx11::test
