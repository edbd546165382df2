// What a spawn leaves in the database.
#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;
using Row = SqliteReader::Row;

TEST_CASE("evidence: the report's SQL runs verbatim on the live file and tells the whole life") {
  OpenDaemon daemon;
  const auto done = run(daemon, shell("echo TASK1_OK"));
  const auto failed = run(daemon, task("python", "raise SystemExit(2)"), {{"X-Correlation-Id", "trace-2"}});
  const auto sql = [&](const std::string& text) { return sqliteCommand(daemon.database(), text); };
  CHECK_THAT(
      sql("SELECT name, status, pid, exit_code, created_at, started_at, ended_at FROM spawns WHERE name IN "
          "('" +
          done.text("spawn_id") + "');"),
      Matches(done.text("spawn_id") + R"(\|completed\|\|0(\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}){3}\n)"));
  CHECK_THAT(sql("SELECT * FROM routing_events ORDER BY timestamp DESC LIMIT 20;"),
             Contains("|spawn|spawner|1.0|Daughter spawn: " + done.text("spawn_id")) &&
                 Contains("|spawn|spawner|1.0|Daughter spawn: " + failed.text("spawn_id")));
  CHECK_THAT(sql("SELECT * FROM routing_events WHERE trace_id='trace-2';"),
             Contains("Daughter spawn: " + failed.text("spawn_id")) && !Contains(done.text("spawn_id")));
  CHECK_THAT(sql("SELECT * FROM cli_usage_stats ORDER BY timestamp DESC LIMIT 20;"),
             Contains("|spawner:shell|") && Contains("|spawner:python|"));
}

TEST_CASE("evidence: one routing event and one usage row for every spawn, with its correlation id") {
  OpenDaemon daemon;
  const auto done = run(daemon, shell("true"), {{"X-Correlation-Id", "t-done"}});
  const auto failed = run(daemon, task("bash", "exit 1"), {{"X-Correlation-Id", "t-failed"}});
  auto late = shell("exec sleep 300");
  late.set("ttl_seconds", 1);
  const auto timeout = run(daemon, late, {{"X-Correlation-Id", "t-timeout"}});
  const SqliteReader database(daemon.database());
  const auto event = [&](const std::string& trace) {
    return database.rows(
        "SELECT route_type, provider_id, score, reasoning_short, spawn_uuid FROM routing_events "
        "WHERE trace_id = '" +
        trace + "'");
  };
  const auto usage = [&](const std::string& trace) {
    return database.rows(
        "SELECT provider_id, success, error_class, attempt FROM cli_usage_stats WHERE trace_id = '" + trace +
        "'");
  };
  for (const auto& result : {done, failed, timeout}) {
    CHECK(event(result.text("correlation_id")) ==
          std::vector<Row>{{"spawn", "spawner", "1.0", "Daughter spawn: " + result.text("spawn_id"),
                            result.text("spawn_uuid")}});
  }
  CHECK(usage("t-done") == std::vector<Row>{{"spawner:shell", "1", std::nullopt, "1"}});
  CHECK(usage("t-failed") == std::vector<Row>{{"spawner:bash", "0", "failed", "1"}});
  CHECK(usage("t-timeout") == std::vector<Row>{{"spawner:shell", "0", "timeout", "1"}});
  CHECK(std::stoi(database.value("SELECT latency_ms FROM cli_usage_stats WHERE trace_id = 't-timeout'")) >=
        1000);
}

TEST_CASE("evidence: the row has the request's fields, the argv as planned and never the code") {
  OpenDaemon daemon;
  auto body = shell("echo secret-in-the-code");
  body.set("ttl_seconds", 90);
  body.set("user_id", "somebody");
  body.set("label", "a label");
  body.set("metadata", object({{"ticket", "A-1"}}));
  body.set("args", list({"first", "two words"}));
  const auto result = run(daemon, body);
  const SqliteReader database(daemon.database());
  const auto rows = database.rows(
      "SELECT cmd, task_type, ttl_seconds, user_id, label, metadata_json, max_retries, attempt, outcome, "
      "stdout, "
      "correlation_id FROM spawns WHERE uuid = '" +
      result.text("spawn_uuid") + "'");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == Row{"/bin/sh main.sh first 'two words'", "shell", "90", "somebody", "a label",
                       R"({"ticket":"A-1"})", "0", "1", "succeeded", "secret-in-the-code\n",
                       result.text("spawn_uuid")});
}

TEST_CASE("evidence: pid is in the row while it runs and NULL after, in spawns and in the attempts") {
  OpenDaemon daemon;
  const auto go = sharedDirectory(daemon) / "go";
  const auto id = accept(daemon, shell(waitFor(go)));
  const SqliteReader database(daemon.database());
  const auto pid = [&] { return database.value("SELECT pid FROM spawns WHERE name = '" + id + "'"); };
  REQUIRE(eventually([&] { return pid() != "NULL"; }));
  CHECK(database.value("SELECT status FROM spawns WHERE name = '" + id + "'") == "running");
  CHECK_THAT(readFile("/proc/" + pid() + "/cmdline"), Contains("main.sh"));
  CHECK(daemon.http().get("/vx11/result/" + id).text("pid") == pid());
  CHECK(database.value("SELECT pid FROM spawn_attempts") == pid());
  writeFile(go, "");
  finished(daemon, id);
  CHECK(pid() == "NULL");
  CHECK(database.value("SELECT pid FROM spawn_attempts") == "NULL");
}

TEST_CASE("evidence: nothing of the plan, so of the code, is left once a task has ended") {
  OpenDaemon daemon;
  run(daemon, shell("true # code-that-must-go"));
  run(daemon, shell("exit 1 # code-that-must-go"));
  const SqliteReader database(daemon.database());
  CHECK(eventually([&] { return database.value("SELECT count(*) FROM spawn_plans") == "0"; }));
}

TEST_CASE("evidence: each attempt has a row with host, executor, nonce and boot") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("true"));
  const SqliteReader database(daemon.database());
  const auto rows = database.rows(
      "SELECT spawn_uuid, attempt, executor, status, outcome, length(nonce), length(boot_id), host_id <> '', "
      "ended_at IS NOT NULL FROM spawn_attempts");
  CHECK(rows == std::vector<Row>{
                    {result.text("spawn_uuid"), "1", "local", "ended", "succeeded", "36", "36", "1", "1"}});
}

TEST_CASE("evidence: an id is answered only after its commit") {
  OpenDaemon daemon;
  for (int i = 0; i < 20; ++i) {
    const auto id = accept(daemon, shell("true"));
    CHECK(SqliteReader(daemon.database()).value("SELECT count(*) FROM spawns WHERE name = '" + id + "'") ==
          "1");
  }
}
