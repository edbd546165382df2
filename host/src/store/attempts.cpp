#include "store/attempts.hpp"

#include "store/session.hpp"

namespace vx11::store::attempts {

namespace {

AttemptRow decode(Row& row) {
  AttemptRow attempt;
  attempt.spawn_uuid = row.text();
  attempt.attempt = static_cast<int>(row.integer());
  attempt.nonce = row.text();
  attempt.host_id = row.text();
  attempt.executor = row.text();
  attempt.executor_instance = row.text();
  attempt.boot_id = row.text();
  attempt.status = row.text();
  attempt.outcome = row.text();
  attempt.reason = row.text();
  attempt.pid = row.maybeInt();
  attempt.uid = row.maybeInteger();
  attempt.created_at = row.time();
  attempt.started_at = row.maybeTime();
  attempt.ended_at = row.maybeTime();
  return attempt;
}

// A macro, because a kept statement is a literal.
#define VX11_OPEN_ATTEMPT \
  "spawn_row = (SELECT id FROM spawns WHERE uuid = ?) AND nonce = ? AND ended_at IS NULL"

#define VX11_ATTEMPT_COLUMNS                                                                             \
  "spawn_uuid, attempt, nonce, host_id, executor, executor_instance, boot_id, status, outcome, reason, " \
  "pid, uid, created_at, started_at, ended_at"

}  // namespace

// -1 where the spawn is not there: the foreign key refuses it.
void insert(WriteSession& session, const AttemptRow& row) {
  session.run("INSERT INTO spawn_attempts (spawn_row, " VX11_ATTEMPT_COLUMNS
              ") "
              "VALUES (ifnull((SELECT id FROM spawns WHERE uuid = ?1), -1), ?1,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
              {row.spawn_uuid, row.attempt, row.nonce, row.host_id, row.executor,
               Value::orNull(row.executor_instance), row.boot_id, row.status, Value::orNull(row.outcome),
               Value::orNull(row.reason), row.pid, row.uid, row.created_at, row.started_at, row.ended_at});
}

// An end that was reported first stays.
void markRunning(WriteSession& session, std::string_view spawn_uuid, std::string_view nonce, int pid,
                 int64_t uid, WallTime started_at) {
  session.run(
      "UPDATE spawn_attempts SET status = 'running', pid = ?, uid = ?, started_at = ? "
      "WHERE " VX11_OPEN_ATTEMPT,
      {pid, uid, started_at, spawn_uuid, nonce});
}

void end(WriteSession& session, std::string_view spawn_uuid, std::string_view nonce, std::string_view outcome,
         std::string_view reason, std::optional<WallTime> started_at, WallTime ended_at) {
  session.run(
      "UPDATE spawn_attempts SET status = 'ended', outcome = ?, reason = nullif(?, ''), pid = NULL, "
      "started_at = coalesce(?, started_at), ended_at = ? WHERE " VX11_OPEN_ATTEMPT,
      {outcome, reason, started_at, ended_at, spawn_uuid, nonce});
}

void remove(WriteSession& session, std::string_view spawn_uuid, std::string_view nonce) {
  session.run("DELETE FROM spawn_attempts WHERE " VX11_OPEN_ATTEMPT, {spawn_uuid, nonce});
}

void removeOpen(WriteSession& session, std::string_view spawn_uuid, int attempt) {
  session.run(
      "DELETE FROM spawn_attempts WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = ?) AND attempt = ? "
      "AND ended_at IS NULL",
      {spawn_uuid, attempt});
}

std::optional<AttemptRow> latest(ReadSession& session, std::string_view spawn_uuid) {
  std::optional<AttemptRow> found;
  session.query("SELECT " VX11_ATTEMPT_COLUMNS
                " FROM spawn_attempts "
                "WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = ?) ORDER BY attempt DESC LIMIT 1",
                {spawn_uuid}, [&](Row& row) { found = decode(row); });
  return found;
}

std::vector<AttemptRow> all(ReadSession& session, std::string_view spawn_uuid) {
  std::vector<AttemptRow> found;
  session.query("SELECT " VX11_ATTEMPT_COLUMNS
                " FROM spawn_attempts "
                "WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = ?) ORDER BY attempt",
                {spawn_uuid}, [&](Row& row) { found.push_back(decode(row)); });
  return found;
}

}  // namespace vx11::store::attempts
