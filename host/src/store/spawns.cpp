#include "store/spawns.hpp"

#include "store/output_text.hpp"
#include "store/session.hpp"

namespace vx11::store::spawns {

namespace {

std::string joinWords(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace

void insert(WriteSession& session, const SpawnRow& row) {
  const auto retry_on = joinWords(row.retry_on);
  session.run(
      "INSERT INTO spawns (uuid, name, cmd, pid, status, started_at, created_at, correlation_id, task_type, "
      "ttl_seconds, max_retries, user_id, label, metadata_json, traceparent, host_id, attempt, priority, "
      "retry_on) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      {row.uuid, row.name, row.cmd, row.pid, row.status, row.started_at, row.created_at, row.correlation_id,
       row.task_type, row.ttl_seconds, row.max_retries, row.user_id, Value::orNull(row.label),
       row.metadata_json, Value::orNull(row.traceparent), row.host_id, row.attempt, row.priority,
       Value::orNull(retry_on)});
}

void markRunning(WriteSession& session, std::string_view uuid, int attempt, std::optional<int> pid,
                 std::optional<WallTime> started_at) {
  // An end that was reported first stays.
  session.run(
      "UPDATE spawns SET status = 'running', attempt = ?, pid = ?, started_at = coalesce(?, started_at) "
      "WHERE uuid = ? AND status IN ('pending', 'running')",
      {attempt, pid, started_at, uuid});
}

void markPending(WriteSession& session, std::string_view uuid, std::optional<WallTime> started_at) {
  session.run(
      "UPDATE spawns SET status = 'pending', pid = NULL, started_at = coalesce(?, started_at), "
      "attempt = coalesce((SELECT max(attempt) FROM spawn_attempts WHERE spawn_row = spawns.id), 0) "
      "WHERE uuid = ? AND status IN ('pending', 'running')",
      {started_at, uuid});
}

bool finish(WriteSession& session, std::string_view uuid, const SpawnEnd& end) {
  const auto shown_out = readableForm(end.out);
  const auto shown_err = readableForm(end.err);
  session.run(
      "UPDATE spawns SET pid = NULL, status = ?, outcome = ?, reason = ?, "
      "started_at = coalesce(?, started_at), ended_at = ?, exit_code = ?, signal = ?, "
      // A daughter may end before anybody heard of its start.
      "attempt = max(attempt, coalesce((SELECT max(attempt) FROM spawn_attempts WHERE spawn_row = "
      "spawns.id), 0)), "
      "duration_ms = ?, user_ms = ?, system_ms = ?, max_rss_kb = ?, stdout = ?, stderr = ?, "
      "stdout_bytes = ?, stderr_bytes = ?, stdout_file = ?, stderr_file = ?, tree_empty = ?, "
      "stdout_raw = ?, stderr_raw = ? WHERE uuid = ? AND status IN ('pending', 'running')",
      {end.status,
       end.outcome,
       Value::orNull(end.reason),
       end.started_at,
       end.ended_at,
       end.exit_code,
       end.signal,
       end.duration_ms,
       end.user_ms,
       end.system_ms,
       end.max_rss_kb,
       shown_out ? *shown_out : end.out,
       shown_err ? *shown_err : end.err,
       end.out_bytes,
       end.err_bytes,
       Value::orNull(end.out_file),
       Value::orNull(end.err_file),
       end.tree_empty,
       shown_out ? Value::bytes(end.out) : Value(std::nullopt),
       shown_err ? Value::bytes(end.err) : Value(std::nullopt),
       uuid});
  if (session.changes() == 0) return false;
  session.run("DELETE FROM spawn_plans WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = ?)", {uuid});
  return true;
}

void requestCancel(WriteSession& session, std::string_view uuid, const std::string& reason) {
  session.run(
      "UPDATE spawns SET cancel_reason = ? WHERE uuid = ? AND status IN ('pending', 'running') "
      "AND cancel_reason IS NULL",
      {reason, uuid});
}

// -1 where the spawn is not there: the foreign key refuses it.
void insertPlan(WriteSession& session, std::string_view uuid, std::string_view encoded_plan) {
  session.run(
      "INSERT INTO spawn_plans (spawn_row, plan) VALUES (ifnull((SELECT id FROM spawns WHERE uuid = ?), -1), "
      "?)",
      {uuid, Value::bytes(encoded_plan)});
}

std::optional<std::string> plan(ReadSession& session, std::string_view uuid) {
  std::optional<std::string> found;
  session.query("SELECT plan FROM spawn_plans WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = ?)",
                {uuid}, [&](Row& row) { found = row.maybeBytes().value_or(std::string()); });
  return found;
}

}  // namespace vx11::store::spawns
