// The first words on a new connection: Hello, and everything the spawner knows until Synced.
#pragma once

#include <chrono>
#include <filesystem>

#include "spawner_client/client.hpp"
#include "spawner_client/event_fd.hpp"

namespace vx11::spawner_client {

// Blocks until Synced, the deadline, or `stop` is readable. Throws ConnectError, whose sentences name `path`.
Welcome shakeHands(int socket, const std::filesystem::path& path, std::chrono::milliseconds deadline,
                   const EventFd& stop);

}  // namespace vx11::spawner_client
