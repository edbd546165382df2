// One task that has not ended, in memory. Guarded by the engine's mutex but for what is said otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "store/attempts.hpp"
#include "store/spawns.hpp"

namespace vx11::tasks {

inline constexpr int kPriorities = 3;  // P0, the first to be started, to P2

enum class Phase {
  kQueued,    // accepted, waits for a slot
  kStarting,  // holds a slot; its attempt is being committed or sent, or awaits its confirmation
  kRunning,   // holds a slot; has a process
  kEnding,    // its end is known and on its way into the database
  kEnded,     // the end is committed; row.end is set
};

struct Task {
  // Fixed once accepted, but for attempt, started_at (of the attempts before), end and cancel_reason: with
  // that it is not started (again), and killed where it runs.
  store::SpawnRow row;
  Phase phase = Phase::kQueued;
  bool holds_slot = false;
  bool sent = false;              // its attempt has been told to the spawner
  std::string nonce;              // of the attempt that is being, or was last, committed; empty: none
  std::string executor_instance;  // the spawner process that was told about it; empty: none
  std::string attempt_boot_id;
  std::vector<std::pair<std::string, std::string>> secret_env;  // lives here only, so not past this host
  std::optional<int> pid;
  std::optional<WallTime> started_at;
  uint64_t turn = 0;                // the Queue's
  MonoTime queue_deadline;          // ends as timeout if it still waits then
  MonoTime not_before{};            // after a refusal that passes, or a failed attempt: when to try again
  std::string ended_as;             // the outcome of the attempt before; empty: this is the first
  bool retrying = false;            // the attempt that is ending is followed by another one
  uint64_t cancellations = 0;       // as in Submission
  bool accepted = false;            // its row is committed
  bool acceptance_awaited = false;  // somebody wants to know that before it ends
  int followers = 0;                // who want to read what it writes while it runs
  uint64_t out_grown = 0;           // bytes of its attempt's files that they can read
  uint64_t err_grown = 0;
  std::exception_ptr refusal;       // why its row could not be committed
  std::condition_variable changed;  // accepted, refused, grown or ended
  // Read on the writer thread: a row that is about to end needs no "running" before it.
  std::atomic<bool> ending{false};
};

using TaskPtr = std::shared_ptr<Task>;

// Running, as far as anybody is told: until its end is committed.
bool hasProcess(const Task& task);

// The row of the attempt that `task` is about to make.
store::AttemptRow attemptRow(const Task& task);

}  // namespace vx11::tasks
