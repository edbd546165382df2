// What a task has written, as it is kept after its end.
#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"

namespace vx11::tasks {

enum class Stream { kOut, kErr };

// Either in `bytes`, or in a file of the spool that is open for reading. It changes no more.
struct Output {
  std::string bytes;
  UniqueFd file;
  uint64_t size = 0;     // of what is kept
  uint64_t written = 0;  // by the task: more where a limit cut it
};

}  // namespace vx11::tasks
