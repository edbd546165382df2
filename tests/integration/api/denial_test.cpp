// What a closed window means for POST /vx11/spawn, and what its closing means for tasks that are in.
#include "calls.hpp"
#include "catch.hpp"
#include "process.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Strings = std::vector<std::string>;

namespace {

void close(const Daemon& daemon) {
  CHECK(daemon.http().post("/vx11/window/close", R"({"target":"spawner"})").status == 200);
}

}  // namespace

TEST_CASE("denial: a closed window answers 200 off_by_policy and leaves no task behind") {
  Daemon daemon;
  daemon.start();
  const auto answer = daemon.http().post("/vx11/spawn", shell("true"), {{"X-Correlation-Id", "denied-1"}});
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "application/json");
  CHECK(keys(answer) == Strings{"correlation_id", "created_at", "error", "hint", "spawn_id", "spawn_uuid",
                                "status", "task_type"});
  CHECK(answer.text("task_type") == "shell");
  CHECK(answer.body.find(R"("created_at":null)") != std::string::npos);
  CHECK(answer.text("spawn_id").empty());
  CHECK(answer.text("status") == "ERROR");
  CHECK(answer.text("error") == "off_by_policy");
  CHECK(answer.text("correlation_id") == "denied-1");
  // A denied request is never what an id stands for.
  checkProblem(daemon.http().get("/vx11/result/denied-1"), 404, "not_found");
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM spawns") == "0");
  CHECK(database.value("SELECT count(*) FROM routing_events") == "0");
}

TEST_CASE("denial: a correlation id in the body wins over the header") {
  Daemon daemon;
  daemon.start();
  auto body = shell("true");
  body.set("correlation_id", "from-the-body");
  const auto answer = daemon.http().post("/vx11/spawn", body, {{"X-Correlation-Id", "from-the-header"}});
  CHECK(answer.text("correlation_id") == "from-the-body");
  CHECK(answer.headers.at("x-correlation-id") == "from-the-body");
}

TEST_CASE("denial: its hint is a line that can be pasted, and then the same request works") {
  Daemon daemon;
  daemon.start();
  const auto denied = daemon.http().post("/vx11/spawn", shell("echo now"));
  const auto hint = denied.text("hint");
  REQUIRE_THAT(hint, Contains("curl"));
  CHECK_THAT(hint, !Contains(daemon.token()));
  const auto pasted = runCommand({"sh", "-c", hint}, {{"TOKEN", daemon.token()}});
  INFO(hint << "\n" << pasted.out << pasted.err);
  CHECK(pasted.exit_status == 0);
  CHECK_THAT(pasted.out, Contains("\"is_open\":true"));
  CHECK(run(daemon, shell("echo now")).text("stdout") == "now\n");
}

TEST_CASE("denial: is 403 with policy.denied_http_status = 403") {
  Daemon daemon({{"policy.denied_http_status", "403"}});
  daemon.start();
  const auto answer = daemon.http().post("/vx11/spawn", shell("true"));
  CHECK(answer.status == 403);
  CHECK(answer.text("status") == "ERROR");
  CHECK(answer.text("error") == "off_by_policy");
  CHECK_FALSE(answer.text("hint").empty());
}

TEST_CASE("denial: reading needs no window") {
  OpenDaemon daemon;
  const auto id = run(daemon, shell("echo kept")).text("spawn_id");
  close(daemon);
  CHECK(daemon.http().get("/vx11/result/" + id).text("stdout") == "kept\n");
  CHECK(daemon.http().get("/vx11/status").status == 200);
  CHECK(daemon.http().get("/vx11/plugins").status == 200);
  CHECK(daemon.http().get("/vx11/db/summary").status == 200);
}

TEST_CASE("closing: with drain, tasks that run and tasks that wait go on") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto go = sharedDirectory(daemon) / "go";
  const auto running = accept(daemon, shell(waitFor(go) + "echo first"));
  untilRunning(daemon, running);
  const auto waiting = accept(daemon, shell("echo second"));
  close(daemon);
  CHECK(daemon.http().post("/vx11/spawn", shell("true")).text("error") == "off_by_policy");
  writeFile(go, "");
  CHECK(finished(daemon, running).text("stdout") == "first\n");
  CHECK(finished(daemon, waiting).text("stdout") == "second\n");
}

TEST_CASE("closing: with kill, a window that ran out while the host was away ends what went on") {
  OpenDaemon daemon({{"policy.on_close", "kill"}});
  const auto running = accept(daemon, shell("exec sleep 300"));
  untilRunning(daemon, running);
  daemon.openWindow("spawner", 1);
  daemon.kill9();
  REQUIRE(eventually([opened = std::chrono::steady_clock::now()] {
    return std::chrono::steady_clock::now() - opened > std::chrono::milliseconds(1100);
  }));
  daemon.start();
  const auto result = finished(daemon, running);
  INFO(result.body);
  CHECK(result.text("outcome") == "cancelled");
  CHECK_THAT(result.text("reason"), Contains("policy.on_close"));
}

TEST_CASE("closing: with kill, tasks that run and tasks that wait end as cancelled, and say why") {
  OpenDaemon daemon({{"policy.on_close", "kill"}, {"tasks.max_running", "1"}});
  const auto running = accept(daemon, shell("echo begun; exec sleep 300"));
  untilRunning(daemon, running);
  const auto waiting = accept(daemon, shell("echo never"));

  const bool by_expiry = GENERATE(false, true);
  if (by_expiry) {
    daemon.openWindow("spawner", 1);
  } else {
    close(daemon);
  }
  for (const auto& id : {running, waiting}) {
    const auto result = finished(daemon, id);
    INFO(result.body);
    CHECK(result.text("status") == "ERROR");
    CHECK(result.text("outcome") == "cancelled");
    CHECK_THAT(result.text("reason"), Contains("policy.on_close"));
    CHECK(result.text("finished_at") != "null");
  }
  CHECK(finished(daemon, running).text("started_at") != "null");
  CHECK(finished(daemon, waiting).text("started_at") == "null");
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM spawns WHERE status = 'cancelled' AND ended_at IS NOT NULL") ==
        "2");
  CHECK(database.value("SELECT count(*) FROM spawns WHERE pid IS NOT NULL") == "0");
}
