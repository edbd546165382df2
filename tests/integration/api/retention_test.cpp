// retention.days: what is too old goes, and nothing else.
#include <filesystem>

#include "calls.hpp"
#include "catch.hpp"
#include "process.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;

namespace {

std::string rowsOf(const Daemon& daemon, const std::string& table) {
  return SqliteReader(daemon.database()).value("SELECT count(*) FROM " + table);
}

// As an operator would, while no vx11d runs.
void change(const Daemon& daemon, const std::string& sql) {
  const auto result = runCommand({"sqlite3", daemon.database(), sql});
  INFO(result.err);
  REQUIRE(result.exit_status == 0);
}

// Makes all that is older than an hour, but for its place in the order.
void age(const Daemon& daemon, const std::string& which, int days) {
  const auto earlier = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-" + std::to_string(days) + " days') || '000'";
  change(daemon, "UPDATE spawns SET created_at = " + earlier +
                     ", ended_at = CASE WHEN ended_at IS NULL THEN NULL ELSE " + earlier + " END WHERE " +
                     which);
}

}  // namespace

TEST_CASE("retention: tasks that ended too long ago go with their outputs and evidence, others stay") {
  OpenDaemon daemon;
  for (int i = 0; i < 3; ++i) run(daemon, shell("head -c 100000 /dev/zero"));
  auto shared = shell("true");
  shared.set("correlation_id", "shared");
  const auto old_one = run(daemon, shared).text("spawn_id");
  const auto fresh_one = run(daemon, shared).text("spawn_id");
  const auto fresh = run(daemon, shell("head -c 100000 /dev/zero")).text("spawn_id");
  const auto go = sharedDirectory(daemon) / "go";
  const auto running = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, running);
  daemon.terminate();
  age(daemon, "name NOT IN ('" + fresh + "', '" + fresh_one + "')", 3);
  daemon.set("retention.days", "2");
  daemon.start();
  REQUIRE(eventually([&] { return rowsOf(daemon, "spawns") == "3"; }));
  CHECK(daemon.http().get("/vx11/result/" + old_one).status == 404);
  CHECK(daemon.http().get("/vx11/result/" + fresh_one).text("status") == "DONE");
  CHECK(daemon.http().get("/vx11/spawns/" + fresh + "/stdout").body.size() == 100'000);
  CHECK(daemon.http().get("/vx11/result/" + running).text("status") == "RUNNING");
  CHECK(rowsOf(daemon, "routing_events") == "3");
  CHECK(rowsOf(daemon, "spawn_attempts") == "3");
  // Of the shared id both stay: nobody can tell whose they are.
  CHECK(rowsOf(daemon, "cli_usage_stats") == "3");
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(daemon.stateDirectory() / "spool"))
    files += entry.path().extension() == ".out" ? 1 : 0;
  CHECK(files == 1);
  writeFile(go, "");
  CHECK(finished(daemon, running).text("status") == "DONE");
}

TEST_CASE("retention: hundreds go in steps, and without the setting nothing ever does") {
  OpenDaemon daemon;
  Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
  for (int i = 0; i < 250; ++i) list->add(shell("true"));
  Json body;
  body.set("spawns", list);
  CHECK(daemon.http().post("/vx11/spawns/batch", body).status == 200);
  REQUIRE(eventually([&] { return rowsOf(daemon, "spawns WHERE status = 'completed'") == "250"; }));
  daemon.terminate();
  age(daemon, "1", 400);
  daemon.start();
  run(daemon, shell("true"));
  CHECK(rowsOf(daemon, "spawns") == "251");
  daemon.terminate();
  daemon.set("retention.days", "365");
  daemon.start();
  CHECK(eventually([&] { return rowsOf(daemon, "spawns") == "1"; }));
  CHECK(rowsOf(daemon, "cli_usage_stats") == "1");
}
