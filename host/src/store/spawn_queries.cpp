// The reading half of table spawns.
#include <algorithm>

#include "store/session.hpp"
#include "store/spawn_page.hpp"
#include "store/spawns.hpp"

namespace vx11::store::spawns {

namespace {

// decode() takes them in this order.
#define VX11_SPAWN_COLUMNS_WITH(OUTPUTS, RAW_OUTPUTS)                                                       \
  "uuid, name, cmd, correlation_id, task_type, ttl_seconds, max_retries, user_id, label, metadata_json, "   \
  "traceparent, host_id, created_at, status, pid, started_at, attempt, priority, retry_on, cancel_reason, " \
  "ended_at, "                                                                                              \
  "outcome, reason, exit_code, signal, duration_ms, user_ms, system_ms, max_rss_kb, " OUTPUTS               \
  ", stdout_bytes, stderr_bytes, stdout_file, stderr_file, tree_empty, " RAW_OUTPUTS
#define VX11_SPAWN_COLUMNS VX11_SPAWN_COLUMNS_WITH("stdout, stderr", "stdout_raw, stderr_raw")

std::vector<std::string> splitWords(const std::string& text) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

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
  spawn.priority = static_cast<int>(row.integer());
  spawn.retry_on = splitWords(row.text());
  spawn.cancel_reason = row.text();
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

// The index is named, for SQLite knows nothing of how many rows go well.
#define VX11_SPAWN_PAGE(INDEX, CONDITION)                                                        \
  "SELECT " VX11_SPAWN_COLUMNS_WITH("NULL, NULL",                                                \
                                    "NULL, NULL") " FROM spawns INDEXED BY " INDEX               \
                                                  " WHERE created_at >= ?1 "                     \
                                                  "AND (created_at, uuid) < (?2, ?3) " CONDITION \
                                                  "ORDER BY created_at DESC, uuid DESC LIMIT ?4"

std::vector<SpawnRow> page(ReadSession& session, const Page& page) {
  constexpr const char* kAfterAll = "a";  // no year begins with a letter
  const std::string before_time = page.before ? sqlTime(page.before->created_at) : kAfterAll;
  const std::string before_uuid = page.before ? page.before->uuid : std::string();
  const auto listed = [&](Sql sql) {
    return list(session, sql, {page.since, before_time, before_uuid, page.limit});
  };
  const auto listedOfType = [&](Sql sql) {
    return list(session, sql, {page.since, before_time, before_uuid, page.limit, page.task_type});
  };
  const bool of_type = !page.task_type.empty();
  switch (page.ended) {
    case Ended::kFailed:
      return of_type ? listedOfType(VX11_SPAWN_PAGE("spawns_failed_task_type",
                                                    "AND status NOT IN ('pending', 'running', 'completed') "
                                                    "AND task_type = ?5 "))
                     : listed(VX11_SPAWN_PAGE("spawns_failed",
                                              "AND status NOT IN ('pending', 'running', 'completed') "));
    case Ended::kCompleted:
      return of_type ? listedOfType(VX11_SPAWN_PAGE("spawns_task_type",
                                                    "AND status = 'completed' AND task_type = ?5 "))
                     : listed(VX11_SPAWN_PAGE("spawns_created_at", "AND status = 'completed' "));
    case Ended::kAny:
      break;
  }
  return of_type ? listedOfType(VX11_SPAWN_PAGE("spawns_task_type", "AND task_type = ?5 "))
                 : listed(VX11_SPAWN_PAGE("spawns_created_at", ""));
}

}  // namespace vx11::store::spawns
