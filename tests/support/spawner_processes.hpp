// The vx11-spawner processes of one socket: not children of the test, for they outlive the host on purpose.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

namespace vx11::test {

// Living processes started with `--socket SOCKET`; a spawner's own children that have not become programs yet
// do not count. Usually one or none. The socket lies in a test's private directory, so they are that test's
// own.
std::vector<pid_t> spawnersOf(const std::filesystem::path& socket);

// What brings back the spawner of this socket when it is killed, where it was started in the background by
// root.
std::vector<pid_t> monitorsOf(const std::filesystem::path& socket);

// SIGTERM, and SIGKILL for those that are still there after the deadline of a stopping spawner. Returns false
// where one had to be killed.
bool endSpawnersOf(const std::filesystem::path& socket);

}  // namespace vx11::test
