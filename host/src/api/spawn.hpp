// POST /vx11/spawn.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

// Whose policy window has to be open for it.
inline constexpr const char* kSpawnWindow = "spawner";

// What is said of a task that was accepted. `status` is QUEUED at once after the acceptance, as the contract
// has it, even where the task already runs.
json::ObjectPtr encodeAccepted(const tasks::View& view, const char* status);

http::Response spawn(const Services& services, const http::Request& request);

}  // namespace vx11::api
