#include "store/migrations.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

std::string columns(Database& database, const std::string& table) {
  std::string names;
  database.read([&](ReadSession& session) {
    session.runOnce("SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid",
                    [&](Row& row) { names += row.text() + " "; });
  });
  return names;
}

bool startsWith(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

TEST_CASE("migrations: an empty database gets the newest schema, an existing one is left as it is") {
  Fixture fixture;
  CHECK(fixture.ask("PRAGMA user_version") == std::to_string(schemaVersion()));
  const SpawnRow row = sampleSpawn();
  fixture.database.commit([&](WriteSession& session) { spawns::insert(session, row); });
  Database again({.file = fixture.file});
  CHECK(again.read([&](ReadSession& session) { return spawns::byUuid(session, row.uuid); }));
}

TEST_CASE("migrations: the original's columns come first and in its order") {
  Fixture fixture;
  CHECK(startsWith(
      columns(fixture.database, "spawns"),
      "id uuid name cmd pid status started_at ended_at exit_code stdout stderr parent_task_id created_at "
      "correlation_id task_type ttl_seconds "));
  CHECK(columns(fixture.database, "routing_events") ==
        "id timestamp trace_id route_type provider_id score reasoning_short spawn_uuid outcome decision_us "
        "config_hash ");
  CHECK(columns(fixture.database, "cli_usage_stats") ==
        "id provider_id timestamp success latency_ms cost_estimated tokens_estimated error_class trace_id "
        "attempt ");
  CHECK(startsWith(
      columns(fixture.database, "cli_providers"),
      "id name base_url api_key_env task_types daily_limit_tokens monthly_limit_tokens "
      "tokens_used_today tokens_used_month reset_hour_utc enabled last_reset_at created_at updated_at "));
  CHECK(startsWith(columns(fixture.database, "models_local"),
                   "id name path size_mb hash category status compatibility downloaded_at updated_at "));
  CHECK(startsWith(columns(fixture.database, "intents_log"),
                   "id source payload_json created_at processed_by_madre_at result_status notes "));
}

TEST_CASE("migrations: all tables are STRICT and have only types that Poco knows") {
  Fixture fixture;
  CHECK(fixture.ask("SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' "
                    "AND name NOT LIKE 'sqlite%' AND strict = 0") == "0");
  CHECK(fixture.ask(
            "SELECT count(*) FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table' "
            "AND c.type NOT IN ('INTEGER', 'REAL', 'TEXT', 'BLOB')") == "0");
}

TEST_CASE("migrations: a database of an older version keeps its rows and gets what is new") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  Process shell({"sqlite3", "-batch", file.string(), ".read '" VX11_TEST_DIRECTORY "/version_1.sql'"});
  REQUIRE(shell.wait() == 0);
  REQUIRE(sqlite3(file, "PRAGMA user_version") == "user_version\n1\n");
  Database database({.file = file});
  CHECK(ReadSession(file, std::chrono::seconds(5)).ask("PRAGMA user_version") ==
        std::to_string(schemaVersion()));
  const auto rows = database.read([](ReadSession& session) { return spawns::newest(session, 10); });
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].end->out == "kept\n");
  CHECK(rows[0].cancel_reason.empty());
  // The same tables and indexes as where everything is made anew.
  const std::string schema =
      "SELECT group_concat(type || ' ' || name, ';') FROM (SELECT type, name FROM sqlite_schema ORDER BY 1, "
      "2)";
  Fixture fresh;
  CHECK(ReadSession(file, std::chrono::seconds(5)).ask(schema) == fresh.ask(schema));
  CHECK(columns(database, "spawns") == columns(fresh.database, "spawns"));
}

TEST_CASE("migrations: a newer schema is refused with a sentence and left as it is") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  { Database made({.file = file}); }
  WriteSession(file, std::chrono::seconds(5)).runOnce("PRAGMA user_version=999");
  try {
    Database refused({.file = file});
    FAIL("opened");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kStorage);
    const std::string sentence = e.what();
    CHECK(sentence.find(file.string()) != std::string::npos);
    CHECK(sentence.find("schema 999") != std::string::npos);
  }
  CHECK(ReadSession(file, std::chrono::seconds(5)).ask("PRAGMA user_version") == "999");
}

TEST_CASE("migrations: tables of another program are not touched") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  WriteSession(file, std::chrono::seconds(5)).runOnce("CREATE TABLE routing_events (x TEXT)");
  try {
    Database refused({.file = file});
    FAIL("opened");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kStorage);
    CHECK(std::string(e.what()).find("Move it away") != std::string::npos);
  }
  ReadSession session(file, std::chrono::seconds(5));
  // The step is undone as a whole.
  CHECK(session.ask("PRAGMA user_version") == "0");
  CHECK(session.ask("SELECT group_concat(name) FROM sqlite_schema") == "routing_events");
}

}  // namespace vx11::store::test
