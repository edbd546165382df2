// max_retries and retry_on: one task, several attempts.
#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Fails until it has been begun so often.
Json succeedsAt(const std::filesystem::path& count, int attempt, int max_retries) {
  auto task = shell("echo x >> '" + count.string() + "'; n=$(wc -l < '" + count.string() +
                    "'); echo out $n; echo err $n >&2; test $n -ge " + std::to_string(attempt));
  task.set("max_retries", max_retries);
  return task;
}

std::filesystem::path counter(const Daemon& daemon) {
  const auto file = sharedDirectory(daemon) / "count";
  writeFile(file, "", 0666);
  return file;
}

}  // namespace

TEST_CASE("retry: a task that fails is begun again until it succeeds, and every attempt is kept") {
  OpenDaemon daemon({{"tasks.retry_delay_seconds", "0"}});
  const auto result = run(daemon, succeedsAt(counter(daemon), 3, 5));
  INFO(result.body);
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("attempt") == "3");
  CHECK(result.text("stdout") == "out 3\n");
  CHECK(result.text("stderr") == "err 3\n");
  const SqliteReader database(daemon.database());
  CHECK(database.value(
            "SELECT group_concat(attempt || ' ' || status || ' ' || outcome, ',') FROM spawn_attempts") ==
        "1 ended failed,2 ended failed,3 ended succeeded");
  CHECK(database.value("SELECT count(DISTINCT nonce) FROM spawn_attempts") == "3");
  CHECK(database.value("SELECT group_concat(attempt || ' ' || success, ',') FROM cli_usage_stats") ==
        "1 0,2 0,3 1");
  CHECK(database.value("SELECT count(*) FROM routing_events") == "1");
  CHECK(database.value("SELECT count(*) FROM spawn_plans") == "0");
}

TEST_CASE("retry: after the last attempt the task ends as that one did") {
  OpenDaemon daemon({{"tasks.retry_delay_seconds", "0"}});
  const auto result = run(daemon, succeedsAt(counter(daemon), 9, 2));
  CHECK(result.text("outcome") == "failed");
  CHECK(result.text("attempt") == "3");
  CHECK(result.text("stdout") == "out 3\n");
}

TEST_CASE("retry: only after the outcomes that were named") {
  OpenDaemon daemon({{"tasks.retry_delay_seconds", "0"}});
  auto fails = shell("exit 1");
  fails.set("max_retries", 3);
  fails.set("retry_on", list({"timeout", "interrupted"}));
  CHECK(run(daemon, fails).text("attempt") == "1");
  auto slow = shell("sleep 60");
  slow.set("ttl_seconds", 1);
  slow.set("max_retries", 1);
  slow.set("retry_on", list({"timeout"}));
  const auto result = run(daemon, slow);
  CHECK(result.text("outcome") == "timeout");
  CHECK(result.text("attempt") == "2");
  // The usual ones do without retry_on.
  CHECK(run(daemon, shell("exit 1")).text("attempt") == "1");
}

TEST_CASE("retry: between two attempts the task is QUEUED, says why, and can be cancelled") {
  OpenDaemon daemon({{"tasks.retry_delay_seconds", "3600"}});
  const auto id = accept(daemon, succeedsAt(counter(daemon), 9, 2));
  Answer waiting;
  REQUIRE(eventually([&] {
    waiting = daemon.http().get("/vx11/result/" + id);
    return waiting.text("queue_reason") != "null";
  }));
  INFO(waiting.body);
  CHECK(waiting.text("status") == "QUEUED");
  CHECK(waiting.text("pid") == "null");
  CHECK_THAT(waiting.text("queue_reason"),
             Contains("attempt 1 ended as failed; number 2 of at most 3 begins in 3"));
  const auto status = daemon.http().get("/vx11/status");
  CHECK(status.text("tasks_running") == "0");
  CHECK(status.text("tasks_queued") == "1");
  const bool after_restart = GENERATE(false, true);
  if (after_restart) {
    daemon.kill9();
    daemon.start();
    CHECK_THAT(daemon.http().get("/vx11/result/" + id).text("queue_reason"),
               Contains("attempt 1 ended as failed"));
  }
  const auto cancelled = daemon.http().post("/vx11/spawns/" + id + "/cancel", "");
  INFO(cancelled.body);
  CHECK(cancelled.text("outcome") == "cancelled");
  CHECK(cancelled.text("attempt") == "1");
  CHECK(cancelled.text("started_at") != "null");
  CHECK(SqliteReader(daemon.database())
            .value("SELECT count(*) FROM spawns WHERE status = 'cancelled' AND started_at IS NOT NULL") ==
        "1");
}

TEST_CASE("retry: the delay is kept over a restart of the host, and the attempts go on where they were") {
  OpenDaemon daemon({{"tasks.retry_delay_seconds", "1"}});
  const auto count = counter(daemon);
  const auto id = accept(daemon, succeedsAt(count, 3, 4));
  REQUIRE(eventually([&] { return readFile(count) == "x\n"; }));
  daemon.kill9();
  daemon.start();
  const auto result = finished(daemon, id);
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("attempt") == "3");
  CHECK(readFile(count) == "x\nx\nx\n");
}

TEST_CASE("retry: what the spawner refuses for good is tried again as spawn_error") {
  OpenDaemon daemon({{"tasks.retry_delay_seconds", "0"}});
  auto task = shell("true");
  task.set("cwd", "/nowhere");
  task.set("max_retries", 2);
  const auto result = run(daemon, task);
  CHECK(result.text("outcome") == "spawn_error");
  CHECK(result.text("attempt") == "3");
}

TEST_CASE("retry: words that cannot be retried on are named") {
  OpenDaemon daemon;
  const auto refused = [&](const Poco::JSON::Array::Ptr& outcomes, const std::string& field) {
    auto task = shell("true");
    task.set("max_retries", 1);
    task.set("retry_on", outcomes);
    const auto answer = daemon.http().post("/vx11/spawn", task);
    checkProblem(answer, 422, "invalid_field", field);
    return complaint(answer, field);
  };
  CHECK_THAT(refused(list({"failed", "cancelled"}), "retry_on[1]"), Contains("failed, timeout, interrupted"));
  refused(list({"succeeded"}), "retry_on[0]");
  refused(list({}), "retry_on");
}
