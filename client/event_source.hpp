// The output of a task as it is written: GET /vx11/spawns/{id}/stream, asked for again where it breaks off.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "door.hpp"

namespace vx11::client {

struct Handlers {
  std::function<void(std::string_view bytes)> out;
  std::function<void(std::string_view bytes)> err;
  std::function<void(int attempt)> attempt;  // the task is tried again, what follows is another output
  std::function<void(const std::string& why)> broken;  // before it is tried again, once for each time
};

// Returns the result (JSON text) once the task has ended. Throws Failure where the host refuses, or cannot be
// reached for a minute.
std::string followOutput(const Door& door, const std::string& spawn_id, const Handlers& handlers);

}  // namespace vx11::client
