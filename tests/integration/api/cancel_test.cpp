// POST /vx11/spawns/{id}/cancel: an end that somebody asks for.
#include <chrono>
#include <thread>

#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

Answer cancel(const Daemon& daemon, const std::string& id, const std::string& body = {},
              const std::string& query = {}) {
  return daemon.http().post("/vx11/spawns/" + id + "/cancel" + query, body);
}

}  // namespace

TEST_CASE("cancel: a running task and its tree end, and the answer is the result") {
  OpenDaemon daemon;
  const auto id = accept(daemon, shell("echo begun; sleep 300 & sleep 300"));
  untilRunning(daemon, id);
  const auto answer = cancel(daemon, id);
  INFO(answer.body);
  CHECK(answer.status == 200);
  CHECK(answer.text("status") == "ERROR");
  CHECK(answer.text("outcome") == "cancelled");
  CHECK(answer.text("reason") == "cancelled by a request");
  CHECK(answer.text("stdout") == "begun\n");
  CHECK(answer.text("tree_empty") == "true");
  CHECK(answer.text("pid") == "null");
  CHECK(daemon.http().get("/vx11/result/" + id).body == answer.body);
  const SqliteReader database(daemon.database());
  CHECK(
      database.value("SELECT status || ' ' || (pid IS NULL) || ' ' || (ended_at IS NOT NULL) FROM spawns") ==
      "cancelled 1 1");
  CHECK(database.value("SELECT error_class FROM cli_usage_stats") == "cancelled");
}

TEST_CASE("cancel: a task that waits ends at once and is never started") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto shared = sharedDirectory(daemon);
  const auto running = accept(daemon, shell(waitFor(shared / "go")));
  untilRunning(daemon, running);
  const auto waiting = accept(daemon, shell("echo never"));
  const auto behind = accept(daemon, shell("echo behind"));
  const auto answer = cancel(daemon, waiting, R"({"reason":"a better idea"})", "?wait=0");
  INFO(answer.body);
  CHECK(answer.text("outcome") == "cancelled");
  CHECK(answer.text("reason") == "cancelled by a request: a better idea");
  CHECK(answer.text("started_at") == "null");
  CHECK(daemon.http().get("/vx11/status").text("tasks_queued") == "1");
  writeFile(shared / "go", "");
  CHECK(finished(daemon, behind).text("stdout") == "behind\n");
  CHECK(SqliteReader(daemon.database()).value("SELECT count(*) FROM spawn_attempts") == "2");
}

TEST_CASE("cancel: one that ignores SIGTERM is told as being ended, and dies after the grace") {
  OpenDaemon daemon({{"tasks.kill_grace_seconds", "1"}});
  const auto shared = sharedDirectory(daemon);
  const auto id = accept(daemon, shell("trap '' TERM; " + waitFor(shared / "go")));
  untilRunning(daemon, id);
  const auto answer = cancel(daemon, id, "", "?wait=0");
  CHECK(answer.text("status") == "RUNNING");
  CHECK(answer.text("reason") == "it is being ended: cancelled by a request");
  // Again: still the same end, not another one.
  const auto again = cancel(daemon, id, R"({"reason":"impatience"})");
  CHECK(again.text("outcome") == "cancelled");
  CHECK(again.text("reason") == "cancelled by a request");
}

TEST_CASE("cancel: what has ended cannot be cancelled any more, and nothing of it changes") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("echo done"));
  const auto id = result.text("spawn_id");
  const auto answer = cancel(daemon, id);
  checkProblem(answer, 409, "conflict");
  CHECK_THAT(answer.text("detail"), Contains(id + " has already ended as succeeded"));
  CHECK_THAT(answer.text("hint"), Contains("/vx11/result/" + id));
  CHECK(daemon.http().get("/vx11/result/" + id).body == result.body);
}

TEST_CASE("cancel: any id that finds a task will do, and the bad ones are told apart") {
  OpenDaemon daemon;
  auto named = shell("sleep 300");
  named.set("correlation_id", "my-own");
  const auto id = accept(daemon, named);
  CHECK(cancel(daemon, "my-own").text("spawn_id") == id);
  accept(daemon, named);
  checkProblem(cancel(daemon, "my-own"), 409, "ambiguous_id");
  checkProblem(cancel(daemon, "nobody"), 404, "not_found");
  checkProblem(cancel(daemon, "a%20b"), 422, "invalid_field", "id");
  checkProblem(cancel(daemon, id, R"({"resaon":"x"})"), 422, "invalid_field", "resaon");
  checkProblem(cancel(daemon, id, R"({"reason":7})"), 422, "invalid_field", "reason");
  checkProblem(cancel(daemon, id, R"({"reason":")" + std::string(257, 'x') + "\"}"), 422, "invalid_field",
               "reason");
  checkProblem(cancel(daemon, id, "", "?wait=61"), 422, "invalid_field", "wait");
  checkProblem(cancel(daemon, id, "", "?now=1"), 422, "invalid_field", "now");
  checkProblem(daemon.http().get("/vx11/spawns/" + id + "/cancel"), 405, "method_not_allowed");
  // The other one of that name is still there.
  const auto list = daemon.http().get("/vx11/spawns?status=RUNNING").json()->getArray("spawns");
  for (unsigned i = 0; i < list->size(); ++i)
    CHECK(cancel(daemon, list->getObject(i)->getValue<std::string>("spawn_id")).status == 200);
}

TEST_CASE("cancel: needs a token, and no window") {
  OpenDaemon daemon;
  const auto id = accept(daemon, shell("sleep 300"));
  untilRunning(daemon, id);
  const HttpClient stranger(daemon.port(), "");
  checkProblem(stranger.post("/vx11/spawns/" + id + "/cancel", ""), 401, "auth_required");
  daemon.http().post("/vx11/window/close", R"({"target":"spawner"})");
  CHECK(cancel(daemon, id).text("outcome") == "cancelled");
}

TEST_CASE("cancel: from many sides at once each task has one end, and each answer tells it") {
  OpenDaemon daemon({{"tasks.max_running", "2"}});
  for (int round = 0; round < 10; ++round) {
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(accept(daemon, shell("sleep 300")));
    std::vector<std::thread> clients;
    std::vector<std::string> outcomes(12);
    for (size_t i = 0; i < outcomes.size(); ++i) {
      clients.emplace_back([&, i] {
        const auto answer = cancel(daemon, ids[i % ids.size()]);
        outcomes[i] = answer.status == 409 ? "cancelled" : answer.text("outcome");
      });
    }
    for (auto& client : clients) client.join();
    CHECK(outcomes == std::vector<std::string>(12, "cancelled"));
  }
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM spawns WHERE status = 'cancelled'") == "60");
  CHECK(database.value("SELECT count(*) FROM spawn_attempts WHERE ended_at IS NULL") == "0");
  const auto status = daemon.http().get("/vx11/status");
  CHECK(status.text("tasks_running") == "0");
  CHECK(status.text("tasks_queued") == "0");
}
