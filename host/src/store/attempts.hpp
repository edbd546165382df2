// Table spawn_attempts: one row for each try, written before the spawner is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace vx11::store {

class WriteSession;
class ReadSession;

struct AttemptRow {
  std::string spawn_uuid;
  int attempt = 1;
  std::string nonce;  // random: the spawner starts it at most once
  std::string host_id;
  std::string executor;  // "local"
  std::string
      executor_instance;  // the spawner process that was told, by its uuid; empty where none was connected
  std::string boot_id;
  std::string status;   // starting|running|ended
  std::string outcome;  // as in SpawnEnd, once ended
  std::string reason;
  std::optional<int> pid;
  std::optional<int64_t> uid;
  WallTime created_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> ended_at;
};

namespace attempts {

// One attempt for each number of a spawn. Throws Error{kConflict} where it is there, kInternal without the
// spawn.
void insert(WriteSession& session, const AttemptRow& row);

// The attempt of a spawn that has this nonce; each without effect where it has ended already or is not there.
void markRunning(WriteSession& session, std::string_view spawn_uuid, std::string_view nonce, int pid,
                 int64_t uid, WallTime started_at);
// pid NULL again.
void end(WriteSession& session, std::string_view spawn_uuid, std::string_view nonce, std::string_view outcome,
         std::string_view reason, std::optional<WallTime> started_at, WallTime ended_at);
// The attempt was provably never started (the spawner refused it for a passing reason): the row goes.
void remove(WriteSession& session, std::string_view spawn_uuid, std::string_view nonce);

// The same by its number, for one whose row could not be removed at the time.
void removeOpen(WriteSession& session, std::string_view spawn_uuid, int attempt);
// The latest attempt of a spawn.
std::optional<AttemptRow> latest(ReadSession& session, std::string_view spawn_uuid);
// All of them, the first one first.
std::vector<AttemptRow> all(ReadSession& session, std::string_view spawn_uuid);

}  // namespace attempts
}  // namespace vx11::store
