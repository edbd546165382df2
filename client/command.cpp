#include "command.hpp"

#include <stdlib.h>

#include <iostream>
#include <optional>

#include "failure.hpp"
#include "terminal.hpp"

namespace vx11::client {

Door& Context::door() {
  if (!door_) {
    door_ = std::make_unique<Door>(findPlace(place, [](const char* name) -> std::optional<std::string> {
      const char* const value = getenv(name);
      return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }));
  }
  return *door_;
}

void print(const std::string& line) {
  std::cout << line << std::endl;
}

void note(const std::string& line) {
  std::cerr << inColourOnError(Colour::kFaint, "vx11: " + line) << std::endl;
}

JsonPtr submitTask(Door& door, const std::string& body) {
  // Windows deny with 200, as VX11's clients expect it, or with an error, as the host is told to.
  auto answer = door.ask("POST", "/vx11/spawn", body);
  if (answer.json && text(*answer.json, "error") == "off_by_policy")
    throw Failure(kFailed, "the spawner's window is closed: nothing may be started now",
                  "vx11 window open spawner");
  constexpr int kFirstError = 400;
  if (answer.status >= kFirstError) door.refuse(answer);
  if (!answer.json)
    throw Failure(kFailed, "the host's answer is not understood: " + answer.body.substr(0, 200));
  return answer.json;
}

}  // namespace vx11::client
