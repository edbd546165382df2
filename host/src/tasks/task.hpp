// One task that has not ended, in memory. Guarded by the engine's mutex but for what is said otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "store/attempts.hpp"
#include "store/spawns.hpp"

namespace vx11::tasks {

enum class Phase {
  kQueued,    // accepted, waits for a slot
  kStarting,  // holds a slot; its attempt is being committed or sent, or awaits its confirmation
  kRunning,   // holds a slot; has a process
  kEnding,    // its end is known and on its way into the database
  kEnded,     // the end is committed; row.end is set
};

struct Task {
  store::SpawnRow row;  // fixed once accepted, but for attempt and end
  Phase phase = Phase::kQueued;
  bool holds_slot = false;
  bool sent = false;              // its attempt has been, or is being, told to the spawner
  std::string nonce;              // of the attempt that is being, or was last, committed; empty: none
  std::string executor_instance;  // the spawner process that was told about it; empty: none
  std::string attempt_boot_id;
  std::optional<int> pid;
  std::optional<WallTime> started_at;
  MonoTime queue_deadline;          // ends as timeout if it still waits then
  MonoTime not_before{};            // after a refusal that passes: when to try again
  std::string cancel_reason;        // set while it holds a slot: it is to be killed
  uint64_t cancellations = 0;       // as in Submission
  bool accepted = false;            // its row is committed
  bool acceptance_awaited = false;  // somebody wants to know that before it ends
  std::exception_ptr refusal;       // why its row could not be committed
  std::condition_variable changed;  // accepted, refused or ended
  // Read on the writer thread: a row that is about to end needs no "running" before it.
  std::atomic<bool> ending{false};
};

using TaskPtr = std::shared_ptr<Task>;

// The row of the attempt that `task` is about to make.
store::AttemptRow attemptRow(const Task& task);

}  // namespace vx11::tasks
