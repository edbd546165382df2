// How a task may end, and what the result and the rows say then.
#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

std::string rowStatus(const Daemon& daemon, const Answer& result) {
  return SqliteReader(daemon.database())
      .value("SELECT status FROM spawns WHERE name = '" + result.text("spawn_id") + "'");
}

}  // namespace

TEST_CASE("ending: exit codes are kept, all but 0 are ERROR, failed, with a sentence") {
  OpenDaemon daemon;
  for (const int code : {1, 2, 42, 126, 143, 255}) {
    const auto result = run(daemon, shell("exit " + std::to_string(code)));
    CHECK(result.text("status") == "ERROR");
    CHECK(result.text("outcome") == "failed");
    CHECK(result.text("exit_code") == std::to_string(code));
    CHECK(result.json()->isNull("signal"));
    CHECK_THAT(result.text("reason"), Contains(std::to_string(code)));
    CHECK(rowStatus(daemon, result) == "failed");
  }
  const auto result = run(daemon, task("python", "raise SystemExit(3)"));
  CHECK(result.text("exit_code") == "3");
  CHECK_THAT(run(daemon, task("python", "boom")).text("stderr"), Contains("NameError"));
}

TEST_CASE("ending: a signal is named, and there is no exit code then") {
  OpenDaemon daemon;
  for (const auto& [name, number] :
       std::vector<std::pair<std::string, std::string>>{{"TERM", "15"}, {"SEGV", "11"}, {"KILL", "9"}}) {
    const auto result = run(daemon, shell("echo before; kill -" + name + " $$"));
    CHECK(result.text("status") == "ERROR");
    CHECK(result.text("outcome") == "failed");
    CHECK(result.text("signal") == number);
    CHECK(result.json()->isNull("exit_code"));
    CHECK(result.text("stdout") == "before\n");
    CHECK_THAT(result.text("reason"), Contains("SIG" + name));
  }
}

TEST_CASE("ending: at its TTL a task gets TERM and may end politely") {
  OpenDaemon daemon({{"tasks.kill_grace_seconds", "60"}});
  auto body = shell("trap 'echo asked; exit 0' TERM\necho begun\nwhile :; do sleep 0.05; done");
  body.set("ttl_seconds", 1);
  const auto result = run(daemon, body);
  CHECK(result.text("status") == "ERROR");
  CHECK(result.text("outcome") == "timeout");
  CHECK(result.text("stdout") == "begun\nasked\n");
  CHECK(std::stoi(result.text("duration_ms")) >= 1000);
  CHECK(std::stoi(result.text("duration_ms")) < 50'000);
  CHECK(rowStatus(daemon, result) == "timeout");
}

TEST_CASE("ending: a task that ignores TERM is killed with all its children after the grace") {
  OpenDaemon daemon({{"tasks.kill_grace_seconds", "1"}});
  auto body = shell(
      "trap '' TERM\n(trap '' TERM; while :; do sleep 0.05; done) &\necho begun\nwhile :; do sleep 0.05; "
      "done");
  body.set("ttl_seconds", 1);
  const auto result = run(daemon, body);
  CHECK(result.text("outcome") == "timeout");
  CHECK(result.text("stdout") == "begun\n");
  CHECK(result.text("tree_empty") == "true");
  CHECK(std::stoi(result.text("duration_ms")) >= 2000);
  CHECK_FALSE(result.text("reason").empty());
  CHECK(result.text("ttl_seconds") == "1");
}

TEST_CASE("ending: what cannot be started is spawn_error and names the reason") {
  OpenDaemon daemon;
  auto body = shell("echo never");
  body.set("cwd", "/nonexistent/place");
  const auto result = run(daemon, body);
  CHECK(result.text("status") == "ERROR");
  CHECK(result.text("outcome") == "spawn_error");
  CHECK_THAT(result.text("reason"), Contains("/nonexistent/place"));
  CHECK(result.json()->isNull("exit_code"));
  CHECK(result.json()->isNull("pid"));
  CHECK(result.text("stdout").empty());
  CHECK(rowStatus(daemon, result) == "failed");
  // A usage row for the attempt, as for any other.
  CHECK(SqliteReader(daemon.database()).value("SELECT error_class FROM cli_usage_stats") == "spawn_error");
  CHECK(run(daemon, shell("echo still")).text("stdout") == "still\n");
}

TEST_CASE("ending: an interpreter that is not installed is said at once, with what to do") {
  OpenDaemon daemon({{"interpreter.python.program", "/nonexistent/python3"}});
  const auto answer = daemon.http().post("/vx11/spawn", task("python", "print(1)"));
  checkProblem(answer, 422, "interpreter_missing");
  CHECK_THAT(answer.text("detail"), Contains("/nonexistent/python3"));
  CHECK_THAT(answer.text("hint"), Contains("apt install python3") && Contains("interpreter.python.program"));
  CHECK(run(daemon, shell("echo other types work")).text("status") == "DONE");
  CHECK(SqliteReader(daemon.database()).value("SELECT count(*) FROM spawns") == "1");
}

TEST_CASE("ending: interpreter.NAME.program is the one that runs") {
  OpenDaemon daemon({{"interpreter.shell.program", "/bin/bash"}});
  CHECK(run(daemon, shell("echo ${BASH_VERSION:+bash}")).text("stdout") == "bash\n");
}
