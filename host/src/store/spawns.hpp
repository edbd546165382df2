// Table spawns (the original's columns by name, ours behind them), and spawn_plans: what a task that has not
// started yet needs to be started, dropped when it ends.
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

// Words of spawns.status.
namespace spawn_status {
inline constexpr std::string_view kPending = "pending";
inline constexpr std::string_view kRunning = "running";
inline constexpr std::string_view kCompleted = "completed";
inline constexpr std::string_view kFailed = "failed";
inline constexpr std::string_view kTimeout = "timeout";
inline constexpr std::string_view kCancelled = "cancelled";
inline constexpr std::string_view kInterrupted = "interrupted";
}  // namespace spawn_status

// How a spawn ended. Everything is set in one terminal commit.
struct SpawnEnd {
  std::string status;   // one of the terminal words
  std::string outcome;  // succeeded|failed|timeout|cancelled|interrupted|oom|output_limit|spawn_error
  std::string reason;   // a sentence; empty where the outcome says all
  std::optional<WallTime> started_at;  // absent: nothing was started
  WallTime ended_at;
  std::optional<int> exit_code;
  std::optional<int> signal;
  int64_t duration_ms = 0;
  int64_t user_ms = 0;
  int64_t system_ms = 0;
  int64_t max_rss_kb = 0;
  std::string out;  // inline part, any bytes
  std::string err;
  int64_t out_bytes = 0;  // as written by the daughter
  int64_t err_bytes = 0;
  std::string out_file;  // in the spool directory; empty: all of it is inline
  std::string err_file;
  bool tree_empty = true;
};

struct SpawnRow {
  // From the request, set by insert().
  std::string uuid;
  std::string name;  // the spawn id
  std::string cmd;   // argv as planned, quoted; never the code
  std::string correlation_id;
  std::string task_type;
  int64_t ttl_seconds = 3600;
  int64_t max_retries = 0;
  std::vector<std::string> retry_on;  // outcomes that are tried again; empty: the usual ones
  int priority = 1;                   // 0 to 2, of P0 to P2
  std::string user_id;
  std::string label;          // may be empty
  std::string metadata_json;  // "{}" when absent
  std::string traceparent;    // may be empty
  std::string host_id;        // reconcile touches only its own host's rows
  WallTime created_at;
  // The life.
  std::string status{spawn_status::kPending};
  std::optional<int> pid;  // set only while running
  std::optional<WallTime> started_at;
  int attempt = 0;            // 0: none was started yet
  std::string cancel_reason;  // somebody asked for its end; empty: nobody did
  std::optional<SpawnEnd> end;
};

namespace spawns {

// Stores the request and, as given, status, attempt, pid and started_at (pending by default); not `end`.
// Throws Error{kConflict} when the name or the uuid is taken (take a new uuid then).
void insert(WriteSession& session, const SpawnRow& row);
// status running, with pid once it is known.
void markRunning(WriteSession& session, std::string_view uuid, int attempt, std::optional<int> pid,
                 std::optional<WallTime> started_at);
// Back to pending, without pid; `attempt` becomes that of the latest row in spawn_attempts (so remove() an
// attempt that was never started before). As markRunning(), without effect on a row that has ended.
// `started_at`: of the latest attempt, where that did start.
void markPending(WriteSession& session, std::string_view uuid, std::optional<WallTime> started_at = {});
// The terminal commit: pid NULL, ended_at set, plan dropped. False where the row already was terminal
// (nothing is changed then) or is not there.
bool finish(WriteSession& session, std::string_view uuid, const SpawnEnd& end);

// Somebody asks for its end: remembered, so that it is ended also where this host dies first. Without effect
// on a row that has ended.
void requestCancel(WriteSession& session, std::string_view uuid, const std::string& reason);

void insertPlan(WriteSession& session, std::string_view uuid, std::string_view encoded_plan);
std::optional<std::string> plan(ReadSession& session, std::string_view uuid);

std::optional<SpawnRow> byUuid(ReadSession& session, std::string_view uuid);
std::optional<SpawnRow> byName(ReadSession& session, std::string_view name);
// Newest first, at most `limit`.
std::vector<SpawnRow> byCorrelationId(ReadSession& session, std::string_view correlation_id, int limit);
std::vector<SpawnRow> newest(ReadSession& session, int limit);
// Rows of this host that are pending or running and have their plan, oldest first, without outputs.
std::vector<SpawnRow> unfinished(ReadSession& session, std::string_view host_id);

}  // namespace spawns
}  // namespace vx11::store
