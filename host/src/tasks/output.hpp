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

// What can be read of a task while it runs: the first bytes of the files of one attempt.
struct Growth {
  std::string nonce;  // of the attempt; empty: none has begun, or the next one has not
  int64_t attempt = 0;
  uint64_t out = 0;
  uint64_t err = 0;
  bool ended = false;     // the task; Engine::output() has all of it
  bool draining = false;  // this host stops
};

}  // namespace vx11::tasks
