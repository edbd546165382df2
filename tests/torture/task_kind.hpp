// What is submitted: tasks that end in every way, and say themselves what they did.
#pragma once

#include <filesystem>
#include <string>

#include "choice.hpp"

namespace vx11::torture {

enum class Kind {
  kQuick,
  kFail,
  kSignal,
  kOutput,
  kLoud,
  kSleep,
  kTimeout,
  kStubborn,
  kPython,
  kTree,
  kCancelled,
  kRetried
};

struct TaskChoice {
  Kind kind = Kind::kQuick;
  unsigned out_bytes = 0;
  unsigned err_bytes = 0;
  unsigned exit_code = 0;
  unsigned sleep_ms = 0;
  bool waits = false;         // ?wait=, so that the answer comes with the end
  bool opens_window = false;  // before it
  bool is_resent = false;     // under an Idempotency-Key, until it is answered
};

// The mix of one ordinary task in a round. Slow kinds end a second or more after their start.
TaskChoice chooseTask(Choice& choice, unsigned percent_slow);
// One that says more than 200 kB on both streams after a moment: its exit record is long.
TaskChoice hoardedTask();

// Ends only because its client cancels it.
inline bool isToBeCancelled(const TaskChoice& task) {
  return task.kind == Kind::kCancelled;
}

// How many retries its request asks for.
inline unsigned retriesOf(const TaskChoice& task) {
  return task.kind == Kind::kRetried ? 2 : 0;
}

// How it ends where nobody kills its spawner, as in spawns.outcome.
const char* expectedOutcome(const TaskChoice& task);
// Whether its outcome proves that it has come to where it counts its bytes.
bool countsBeforeItEnds(const TaskChoice& task);

// Where daughters of any user id sign: outside the state directory.
struct Books {
  std::filesystem::path ledger;  // a line for each start: the task's uuid
  std::filesystem::path counts;  // a line when all is printed: uuid, bytes on stdout, bytes on stderr
};

// The body of POST /vx11/spawn.
std::string bodyOf(const TaskChoice& task, const Books& books, const std::string& correlation_id);

}  // namespace vx11::torture
