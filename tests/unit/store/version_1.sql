-- A database of schema version 1 with one task, as sqlite3's .dump shows it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE spawns (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  cmd TEXT NOT NULL,
  pid INTEGER,
  status TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  exit_code INTEGER,
  stdout TEXT,
  stderr TEXT,
  parent_task_id TEXT,
  created_at TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  task_type TEXT NOT NULL,
  ttl_seconds INTEGER NOT NULL,
  max_retries INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  label TEXT,
  metadata_json TEXT NOT NULL,
  traceparent TEXT,
  host_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  outcome TEXT,
  reason TEXT,
  signal INTEGER,
  duration_ms INTEGER,
  user_ms INTEGER,
  system_ms INTEGER,
  max_rss_kb INTEGER,
  stdout_bytes INTEGER,
  stderr_bytes INTEGER,
  stdout_file TEXT,
  stderr_file TEXT,
  tree_empty INTEGER,
  stdout_raw BLOB,
  stderr_raw BLOB) STRICT;
INSERT INTO spawns VALUES(1,'a90b0ef4-c591-4584-9cd1-52d9b3c8ac39','spawn-a90b0ef4','/bin/sh main.sh',NULL,'completed','2026-11-23 12:10:36.779429','2026-11-23 12:10:36.781270',0,replace('kept\n','\n',char(10)),'',NULL,'2026-11-23 12:10:36.774615','a90b0ef4-c591-4584-9cd1-52d9b3c8ac39','shell',3600,0,'local',NULL,'{}',NULL,'d2969d51-74ec-4583-ae11-ca836d0e5c5e',1,'succeeded',NULL,NULL,1,0,1,1648,5,0,NULL,NULL,1,NULL,NULL);
CREATE TABLE spawn_plans (
  spawn_row INTEGER PRIMARY KEY REFERENCES spawns (id) ON DELETE CASCADE,
  plan BLOB) STRICT;
CREATE TABLE spawn_attempts (
  spawn_row INTEGER NOT NULL REFERENCES spawns (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  spawn_uuid TEXT NOT NULL,
  nonce TEXT NOT NULL,
  host_id TEXT NOT NULL,
  executor TEXT NOT NULL,
  executor_instance TEXT,
  boot_id TEXT NOT NULL,
  status TEXT NOT NULL,
  outcome TEXT,
  reason TEXT,
  pid INTEGER,
  uid INTEGER,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  PRIMARY KEY (spawn_row, attempt)) STRICT, WITHOUT ROWID;
INSERT INTO spawn_attempts VALUES(1,1,'a90b0ef4-c591-4584-9cd1-52d9b3c8ac39','9e241d29-94b1-4f7d-b2eb-3aef25f11dd6','d2969d51-74ec-4583-ae11-ca836d0e5c5e','local','4609d672-c0db-4a73-b74b-fa211e18c58a','d7f8bb46-f516-44ea-b489-c893d1dffff8','ended','succeeded',NULL,NULL,NULL,'2026-11-23 12:10:36.775132','2026-11-23 12:10:36.779429','2026-11-23 12:10:36.781270');
CREATE TABLE routing_events (
  id INTEGER PRIMARY KEY,
  timestamp TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  route_type TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  score REAL NOT NULL,
  reasoning_short TEXT NOT NULL,
  spawn_uuid TEXT,
  outcome TEXT,
  decision_us INTEGER,
  config_hash TEXT) STRICT;
INSERT INTO routing_events VALUES(1,'2026-11-23 12:10:36.774615','a90b0ef4-c591-4584-9cd1-52d9b3c8ac39','spawn','spawner',1.0,'Daughter spawn: spawn-a90b0ef4','a90b0ef4-c591-4584-9cd1-52d9b3c8ac39',NULL,NULL,NULL);
CREATE TABLE cli_usage_stats (
  id INTEGER PRIMARY KEY,
  provider_id TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  success INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  cost_estimated REAL NOT NULL,
  tokens_estimated INTEGER NOT NULL,
  error_class TEXT,
  trace_id TEXT,
  attempt INTEGER) STRICT;
INSERT INTO cli_usage_stats VALUES(1,'spawner:shell','2026-11-23 12:10:36.781270',1,1,0.0,0,NULL,'a90b0ef4-c591-4584-9cd1-52d9b3c8ac39',1);
CREATE TABLE windows (
  target TEXT PRIMARY KEY,
  window_id TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  ttl_seconds INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  expires_boot_ns INTEGER NOT NULL,
  reason TEXT) STRICT;
INSERT INTO windows VALUES('spawner','7e55b495-08df-41fe-9d39-34d3f9816fc2',1,300,'2026-11-23 12:10:36.758974','2026-11-23 12:15:36.758974','d7f8bb46-f516-44ea-b489-c893d1dffff8',77250138463650,NULL);
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY,
  timestamp TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT,
  correlation_id TEXT) STRICT;
INSERT INTO audit_log VALUES(1,'2026-11-23 12:10:36.759002','http','window_opened','spawner','300 s','908a04bd-b50c-4681-887b-365aa3722630');
CREATE TABLE cli_providers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  base_url TEXT,
  api_key_env TEXT,
  task_types TEXT,
  daily_limit_tokens INTEGER,
  monthly_limit_tokens INTEGER,
  tokens_used_today INTEGER NOT NULL DEFAULT 0,
  tokens_used_month INTEGER NOT NULL DEFAULT 0,
  reset_hour_utc INTEGER NOT NULL DEFAULT 0,
  enabled INTEGER NOT NULL DEFAULT 1,
  last_reset_at TEXT,
  created_at TEXT,
  updated_at TEXT,
  tool_type TEXT,
  description TEXT,
  available INTEGER,
  path TEXT,
  version TEXT,
  auth_state TEXT,
  auth_source TEXT) STRICT;
CREATE TABLE models_local (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  path TEXT,
  size_mb INTEGER,
  hash TEXT,
  category TEXT,
  status TEXT,
  compatibility TEXT,
  downloaded_at TEXT,
  updated_at TEXT,
  model_type TEXT,
  source TEXT,
  format TEXT,
  size_bytes INTEGER,
  state TEXT,
  metadata_json TEXT) STRICT;
CREATE TABLE intents_log (
  id INTEGER PRIMARY KEY,
  source TEXT,
  payload_json TEXT,
  created_at TEXT,
  processed_by_madre_at TEXT,
  result_status TEXT,
  notes TEXT,
  correlation_id TEXT,
  result_json TEXT) STRICT;
CREATE INDEX spawns_correlation_id ON spawns (correlation_id) WHERE correlation_id <> uuid;
CREATE INDEX spawns_created_at ON spawns (created_at);
CREATE INDEX routing_events_timestamp ON routing_events (timestamp);
CREATE INDEX routing_events_trace_id ON routing_events (trace_id);
CREATE INDEX cli_usage_stats_timestamp ON cli_usage_stats (timestamp);
CREATE INDEX cli_usage_stats_trace_id ON cli_usage_stats (trace_id);
COMMIT;
PRAGMA user_version=1;
