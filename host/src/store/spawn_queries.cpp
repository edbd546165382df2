// The reading half of table spawns.
#include "store/session.hpp"
#include "store/spawns.hpp"

namespace vx11::store::spawns {

namespace {

#define VX11_SPAWN_COLUMNS                                                                                \
  "uuid, name, cmd, correlation_id, task_type, ttl_seconds, max_retries, user_id, label, metadata_json, " \
  "traceparent, host_id, created_at, status, pid, started_at, attempt, ended_at, outcome, reason, "       \
  "exit_code, "                                                                                           \
  "signal, duration_ms, user_ms, system_ms, max_rss_kb, stdout, stderr, stdout_bytes, stderr_bytes, "     \
  "stdout_file, "                                                                                         \
  "stderr_file, tree_empty, stdout_raw, stderr_raw"

SpawnEnd decodeEnd(Row& row, const SpawnRow& spawn, WallTime ended_at) {
  SpawnEnd end;
  end.status = spawn.status;
  end.started_at = spawn.started_at;
  end.ended_at = ended_at;
  end.outcome = row.text();
  end.reason = row.text();
  end.exit_code = row.maybeInt();
  end.signal = row.maybeInt();
  end.duration_ms = row.integer();
  end.user_ms = row.integer();
  end.system_ms = row.integer();
  end.max_rss_kb = row.integer();
  end.out = row.text();
  end.err = row.text();
  end.out_bytes = row.integer();
  end.err_bytes = row.integer();
  end.out_file = row.text();
  end.err_file = row.text();
  end.tree_empty = row.integer() != 0;
  if (auto raw = row.maybeBytes()) end.out = std::move(*raw);
  if (auto raw = row.maybeBytes()) end.err = std::move(*raw);
  return end;
}

SpawnRow decode(Row& row) {
  SpawnRow spawn;
  spawn.uuid = row.text();
  spawn.name = row.text();
  spawn.cmd = row.text();
  spawn.correlation_id = row.text();
  spawn.task_type = row.text();
  spawn.ttl_seconds = row.integer();
  spawn.max_retries = row.integer();
  spawn.user_id = row.text();
  spawn.label = row.text();
  spawn.metadata_json = row.text();
  spawn.traceparent = row.text();
  spawn.host_id = row.text();
  spawn.created_at = row.time();
  spawn.status = row.text();
  spawn.pid = row.maybeInt();
  spawn.started_at = row.maybeTime();
  spawn.attempt = static_cast<int>(row.integer());
  if (const auto ended_at = row.maybeTime()) spawn.end = decodeEnd(row, spawn, *ended_at);
  return spawn;
}

std::vector<SpawnRow> list(ReadSession& session, Sql sql, std::initializer_list<Value> values) {
  std::vector<SpawnRow> rows;
  session.query(sql, values, [&](Row& row) { rows.push_back(decode(row)); });
  return rows;
}

std::optional<SpawnRow> first(std::vector<SpawnRow> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace

std::optional<SpawnRow> byUuid(ReadSession& session, std::string_view uuid) {
  return first(list(session, "SELECT " VX11_SPAWN_COLUMNS " FROM spawns WHERE uuid = ?", {uuid}));
}

std::optional<SpawnRow> byName(ReadSession& session, std::string_view name) {
  return first(list(session, "SELECT " VX11_SPAWN_COLUMNS " FROM spawns WHERE name = ?", {name}));
}

std::vector<SpawnRow> byCorrelationId(ReadSession& session, std::string_view correlation_id, int limit) {
  // The second condition is that of the index. One whose caller gave no id has its uuid there. The limit
  // stands twice, because the inner one keeps an id that a hundred thousand share from being read whole.
  return list(session,
              "SELECT " VX11_SPAWN_COLUMNS
              " FROM spawns WHERE id IN "
              "(SELECT id FROM (SELECT id FROM spawns WHERE correlation_id = ?1 AND correlation_id <> uuid "
              "ORDER BY id DESC LIMIT ?2) UNION ALL "
              "SELECT id FROM spawns WHERE uuid = ?1 AND correlation_id = ?1) ORDER BY id DESC LIMIT ?2",
              {correlation_id, limit});
}

std::vector<SpawnRow> newest(ReadSession& session, int limit) {
  return list(session, "SELECT " VX11_SPAWN_COLUMNS " FROM spawns ORDER BY id DESC LIMIT ?", {limit});
}

std::vector<SpawnRow> unfinished(ReadSession& session, std::string_view host_id) {
  // Only they still have a plan. CROSS: SQLite shall begin with the small table. Outputs are still NULL.
  return list(session,
              "SELECT " VX11_SPAWN_COLUMNS
              " FROM spawn_plans CROSS JOIN spawns ON spawns.id = spawn_row WHERE host_id = ? "
              "AND status IN ('pending', 'running') ORDER BY spawn_row",
              {host_id});
}

}  // namespace vx11::store::spawns
