#include "store/migrations.hpp"

#include <array>
#include <span>
#include <string>

#include "base/error.hpp"
#include "store/session.hpp"

namespace vx11::store {

namespace {

using Step = std::span<const char* const>;

// 1: the tables of a spawn's life, its evidence, the windows, and the original's tables that clients list.
//
// Types are INTEGER, REAL, TEXT and BLOB only: Poco finds a column's type by its declared name. Each index
// costs every accepted spawn a page of the WAL; the reason for each stands beside it.
constexpr std::array kFirst = {
    "CREATE TABLE spawns ("
    "  id INTEGER PRIMARY KEY,"
    "  uuid TEXT NOT NULL UNIQUE,"
    "  name TEXT NOT NULL UNIQUE,"
    "  cmd TEXT NOT NULL,"
    "  pid INTEGER,"
    "  status TEXT NOT NULL,"
    "  started_at TEXT,"
    "  ended_at TEXT,"
    "  exit_code INTEGER,"
    "  stdout TEXT,"
    "  stderr TEXT,"
    "  parent_task_id TEXT,"
    "  created_at TEXT NOT NULL,"
    "  correlation_id TEXT NOT NULL,"
    "  task_type TEXT NOT NULL,"
    "  ttl_seconds INTEGER NOT NULL,"
    "  max_retries INTEGER NOT NULL,"
    "  user_id TEXT NOT NULL,"
    "  label TEXT,"
    "  metadata_json TEXT NOT NULL,"
    "  traceparent TEXT,"
    "  host_id TEXT NOT NULL,"
    "  attempt INTEGER NOT NULL,"
    "  outcome TEXT,"
    "  reason TEXT,"
    "  signal INTEGER,"
    "  duration_ms INTEGER,"
    "  user_ms INTEGER,"
    "  system_ms INTEGER,"
    "  max_rss_kb INTEGER,"
    "  stdout_bytes INTEGER,"
    "  stderr_bytes INTEGER,"
    "  stdout_file TEXT,"
    "  stderr_file TEXT,"
    "  tree_empty INTEGER,"
    "  stdout_raw BLOB,"  // the exact bytes where stdout is no text
    "  stderr_raw BLOB"
    ") STRICT",
    // Any id finds everything. Where the caller gave none it is the uuid, which has its index.
    "CREATE INDEX spawns_correlation_id ON spawns (correlation_id) WHERE correlation_id <> uuid",
    // People's lists by time; grows at its end, so that its page is always at hand.
    "CREATE INDEX spawns_created_at ON spawns (created_at)",

    // Exactly the spawns that have not ended, so that reconcile at start finds them here. Not by uuid: a
    // random key would cost an index of its own.
    "CREATE TABLE spawn_plans ("
    "  spawn_row INTEGER PRIMARY KEY REFERENCES spawns (id) ON DELETE CASCADE,"
    "  plan BLOB"
    ") STRICT",

    "CREATE TABLE spawn_attempts ("
    "  spawn_row INTEGER NOT NULL REFERENCES spawns (id) ON DELETE CASCADE,"
    "  attempt INTEGER NOT NULL,"
    "  spawn_uuid TEXT NOT NULL,"
    "  nonce TEXT NOT NULL,"
    "  host_id TEXT NOT NULL,"
    "  executor TEXT NOT NULL,"
    "  executor_instance TEXT,"
    "  boot_id TEXT NOT NULL,"
    "  status TEXT NOT NULL,"
    "  outcome TEXT,"
    "  reason TEXT,"
    "  pid INTEGER,"
    "  uid INTEGER,"
    "  created_at TEXT NOT NULL,"
    "  started_at TEXT,"
    "  ended_at TEXT,"
    // The key is the table: no second tree. By row: it grows at its end, where a uuid's place would be
    // random. A nonce is looked for among the few attempts of its spawn.
    "  PRIMARY KEY (spawn_row, attempt)"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE routing_events ("
    "  id INTEGER PRIMARY KEY,"
    "  timestamp TEXT NOT NULL,"
    "  trace_id TEXT NOT NULL,"
    "  route_type TEXT NOT NULL,"
    "  provider_id TEXT NOT NULL,"
    "  score REAL NOT NULL,"
    "  reasoning_short TEXT NOT NULL,"
    "  spawn_uuid TEXT,"
    "  outcome TEXT,"
    "  decision_us INTEGER,"
    "  config_hash TEXT"
    ") STRICT",
    // Two queries of the report: the newest, and those of a trace.
    "CREATE INDEX routing_events_timestamp ON routing_events (timestamp)",
    "CREATE INDEX routing_events_trace_id ON routing_events (trace_id)",

    "CREATE TABLE cli_usage_stats ("
    "  id INTEGER PRIMARY KEY,"
    "  provider_id TEXT NOT NULL,"
    "  timestamp TEXT NOT NULL,"
    "  success INTEGER NOT NULL,"
    "  latency_ms INTEGER NOT NULL,"
    "  cost_estimated REAL NOT NULL,"
    "  tokens_estimated INTEGER NOT NULL,"
    "  error_class TEXT,"
    "  trace_id TEXT,"
    "  attempt INTEGER"
    ") STRICT",
    // The report's query for the newest, and the join of a usage row to its decision.
    "CREATE INDEX cli_usage_stats_timestamp ON cli_usage_stats (timestamp)",
    "CREATE INDEX cli_usage_stats_trace_id ON cli_usage_stats (trace_id)",

    "CREATE TABLE windows ("
    "  target TEXT PRIMARY KEY,"
    "  window_id TEXT NOT NULL,"
    "  is_open INTEGER NOT NULL,"
    "  ttl_seconds INTEGER NOT NULL,"
    "  opened_at TEXT NOT NULL,"
    "  expires_at TEXT NOT NULL,"
    "  boot_id TEXT NOT NULL,"
    "  expires_boot_ns INTEGER NOT NULL,"
    "  reason TEXT"
    ") STRICT",

    "CREATE TABLE audit_log ("
    "  id INTEGER PRIMARY KEY,"
    "  timestamp TEXT NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  action TEXT NOT NULL,"
    "  subject TEXT NOT NULL,"
    "  detail TEXT,"
    "  correlation_id TEXT"
    ") STRICT",

    // The original's tables: queries and lists of clients name them.
    "CREATE TABLE cli_providers ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  base_url TEXT,"
    "  api_key_env TEXT,"
    "  task_types TEXT,"
    "  daily_limit_tokens INTEGER,"
    "  monthly_limit_tokens INTEGER,"
    "  tokens_used_today INTEGER NOT NULL DEFAULT 0,"
    "  tokens_used_month INTEGER NOT NULL DEFAULT 0,"
    "  reset_hour_utc INTEGER NOT NULL DEFAULT 0,"
    "  enabled INTEGER NOT NULL DEFAULT 1,"
    "  last_reset_at TEXT,"
    "  created_at TEXT,"
    "  updated_at TEXT,"
    "  tool_type TEXT,"
    "  description TEXT,"
    "  available INTEGER,"
    "  path TEXT,"
    "  version TEXT,"
    "  auth_state TEXT,"
    "  auth_source TEXT"
    ") STRICT",
    "CREATE TABLE models_local ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  path TEXT,"
    "  size_mb INTEGER,"
    "  hash TEXT,"
    "  category TEXT,"
    "  status TEXT,"
    "  compatibility TEXT,"
    "  downloaded_at TEXT,"
    "  updated_at TEXT,"
    "  model_type TEXT,"
    "  source TEXT,"
    "  format TEXT,"
    "  size_bytes INTEGER,"
    "  state TEXT,"
    "  metadata_json TEXT"
    ") STRICT",
    "CREATE TABLE intents_log ("
    "  id INTEGER PRIMARY KEY,"
    "  source TEXT,"
    "  payload_json TEXT,"
    "  created_at TEXT,"
    "  processed_by_madre_at TEXT,"
    "  result_status TEXT,"
    "  notes TEXT,"
    "  correlation_id TEXT,"
    "  result_json TEXT"
    ") STRICT",
};

// 2: cancelling, retries, priorities, lists by what went wrong and by type, and submissions that may be sent
// again.
constexpr std::array kSecond = {
    "ALTER TABLE spawns ADD COLUMN cancel_reason TEXT",
    "ALTER TABLE spawns ADD COLUMN priority INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE spawns ADD COLUMN retry_on TEXT",  // outcomes, by commas; NULL: the usual ones
    // Failures are looked for among a million that went well, and cost those nothing.
    "CREATE INDEX spawns_failed ON spawns (created_at) "
    "WHERE status NOT IN ('pending', 'running', 'completed')",
    "CREATE INDEX spawns_failed_task_type ON spawns (task_type, created_at) "
    "WHERE status NOT IN ('pending', 'running', 'completed')",
    // Each type's part grows at its end.
    "CREATE INDEX spawns_task_type ON spawns (task_type, created_at)",
    "CREATE TABLE idempotency_keys ("
    "  key TEXT PRIMARY KEY,"
    "  request_hash TEXT NOT NULL,"
    "  spawn_uuid TEXT NOT NULL,"
    "  created_at TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID",
    // The oldest go first.
    "CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)",
};

constexpr std::array kSteps = {Step(kFirst), Step(kSecond)};

int currentVersion(WriteSession& session) {
  return std::stoi("0" + session.ask("PRAGMA user_version"));
}

void apply(WriteSession& session, int version) {
  for (const char* statement : kSteps[static_cast<size_t>(version - 1)]) session.runOnce(statement);
  session.runOnce("PRAGMA user_version=" + std::to_string(version));
}

}  // namespace

int schemaVersion() {
  return static_cast<int>(kSteps.size());
}

void migrate(WriteSession& session, const std::filesystem::path& file) {
  const int known = schemaVersion();
  for (;;) {
    // Read inside the transaction: another process may migrate at the same time.
    session.begin();
    try {
      const int version = currentVersion(session);
      if (version > known) {
        throw Error(ErrorCode::kStorage,
                    "The database " + file.string() + " has schema " + std::to_string(version) +
                        ", but this vx11d knows schemas up to " + std::to_string(known) +
                        ". Start the newer vx11d that wrote it, or restore an older backup.");
      }
      if (version == known) {
        session.rollback();
        return;
      }
      apply(session, version + 1);
      session.commit();
    } catch (const Error& e) {
      session.rollback();
      if (e.code() != ErrorCode::kInternal) throw;
      throw Error(ErrorCode::kStorage,
                  "The database " + file.string() +
                      " cannot be brought to the schema of this vx11d, perhaps because another "
                      "program made it. Move it away to start with an empty one. " +
                      e.what());
    }
  }
}

}  // namespace vx11::store
