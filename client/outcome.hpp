// What a result means to a shell and to people.
#pragma once

#include <string>

#include "door.hpp"

namespace vx11::client {

// Of one that has ended: its own status, or an ExitCode.
int exitCodeOf(const Json& result);

// "failed with status 3", "reached its time limit"; empty where it succeeded.
std::string troubleOf(const Json& result);

// Its status in one word with what tells it apart: DONE, RUNNING, QUEUED, or the outcome.
std::string wordOf(const Json& result);
// That word as a terminal shows it.
std::string shownWord(const std::string& word);

}  // namespace vx11::client
