#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Takes the only slot until `go` exists.
std::string occupy(const Daemon& daemon, const std::filesystem::path& go) {
  const auto id = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, id);
  return id;
}

// Where tasks leave their marks, whatever user they are.
std::filesystem::path orderFile(const std::filesystem::path& shared) {
  auto file = shared / "order";
  writeFile(file, "", 0666);
  return file;
}

}  // namespace

TEST_CASE("queue: beyond tasks.max_running tasks wait, say why, and run in order") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto shared = sharedDirectory(daemon);
  const auto order = orderFile(shared);
  occupy(daemon, shared / "go");
  std::vector<std::string> ids;
  for (const char* name : {"a", "b", "c"}) {
    const auto answer = daemon.http().post(
        "/vx11/spawn", shell("echo " + std::string(name) + " >> '" + order.string() + "'"));
    CHECK(answer.text("status") == "QUEUED");
    CHECK_THAT(answer.text("queue_reason"), Contains("tasks.max_running = 1"));
    ids.push_back(answer.text("spawn_id"));
  }
  const auto waiting = daemon.http().get("/vx11/result/" + ids[0]);
  CHECK(waiting.text("status") == "QUEUED");
  CHECK_THAT(waiting.text("queue_reason"), Contains("tasks.max_running = 1"));
  CHECK(waiting.json()->isNull("started_at"));
  CHECK(SqliteReader(daemon.database()).value("SELECT count(*) FROM spawns WHERE status = 'pending'") == "3");
  const auto status = daemon.http().get("/vx11/status");
  CHECK(status.text("tasks_running") == "1");
  CHECK(status.text("tasks_queued") == "3");
  writeFile(shared / "go", "");
  for (const auto& id : ids) {
    const auto result = finished(daemon, id);
    INFO(result.body);
    CHECK(result.text("status") == "DONE");
    CHECK(result.json()->isNull("queue_reason"));
  }
  CHECK(readFile(order) == "a\nb\nc\n");
}

TEST_CASE("queue: P0 starts before P1 and P1 before P2, also after a restart") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto shared = sharedDirectory(daemon);
  const auto order = orderFile(shared);
  occupy(daemon, shared / "go");
  std::vector<std::string> ids;
  for (const char* priority : {"P2", "P1", "P0", "P1", "P2", "P0"}) {
    auto task = shell("echo " + std::to_string(ids.size()) + priority + " >> '" + order.string() + "'");
    task.set("priority", priority);
    ids.push_back(accept(daemon, task));
    CHECK(daemon.http().get("/vx11/result/" + ids.back()).text("priority") == priority);
  }
  if (GENERATE(false, true)) {
    daemon.kill9();
    daemon.start();
  }
  writeFile(shared / "go", "");
  for (const auto& id : ids) CHECK(finished(daemon, id).text("status") == "DONE");
  CHECK(readFile(order) == "2P0\n5P0\n1P1\n3P1\n0P2\n4P2\n");
}

TEST_CASE("queue: the limit of one type makes its tasks wait, and nobody else's") {
  OpenDaemon daemon({{"tasks.max_running.python", "1"}});
  const auto go = sharedDirectory(daemon) / "go";
  const auto wait = "import subprocess\nsubprocess.run(['sh', '-c', r'''" + waitFor(go) + "'''])\n";
  const auto first = accept(daemon, task("python", wait));
  untilRunning(daemon, first);
  const auto second = accept(daemon, task("python", wait + "print('second')"));
  const auto waiting = daemon.http().get("/vx11/result/" + second);
  CHECK(waiting.text("status") == "QUEUED");
  CHECK(waiting.text("queue_reason") == "1 python tasks run (tasks.max_running.python = 1) and 1 wait");
  CHECK(run(daemon, shell("echo passes")).text("stdout") == "passes\n");
  daemon.kill9();
  daemon.start();
  CHECK(run(daemon, shell("echo passes")).text("stdout") == "passes\n");
  CHECK(daemon.http().get("/vx11/result/" + second).text("status") == "QUEUED");
  writeFile(go, "");
  CHECK(finished(daemon, first).text("status") == "DONE");
  CHECK(finished(daemon, second).text("stdout") == "second\n");
}

TEST_CASE("queue: beyond tasks.max_queued the answer is 503 with Retry-After, and nothing is kept") {
  OpenDaemon daemon({{"tasks.max_running", "1"}, {"tasks.max_queued", "2"}});
  const auto go = sharedDirectory(daemon) / "go";
  occupy(daemon, go);
  const auto first = accept(daemon, shell("true"));
  const auto second = accept(daemon, shell("true"));
  const auto refused = daemon.http().post("/vx11/spawn", shell("true"));
  checkProblem(refused, 503, "queue_full");
  CHECK(std::stoi(refused.headers.at("retry-after")) >= 1);
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM spawns") == "3");
  CHECK(database.value("SELECT count(*) FROM routing_events") == "3");
  writeFile(go, "");
  CHECK(finished(daemon, first).text("status") == "DONE");
  CHECK(finished(daemon, second).text("status") == "DONE");
  CHECK(run(daemon, shell("true")).text("status") == "DONE");
}

TEST_CASE("queue: a task that waits too long ends as timeout and was never started") {
  OpenDaemon daemon({{"tasks.max_running", "1"}, {"tasks.queue_ttl_seconds", "1"}});
  const auto go = sharedDirectory(daemon) / "go";
  const auto running = occupy(daemon, go);
  const auto waiting = accept(daemon, shell("echo never"));
  const auto result = finished(daemon, waiting);
  CHECK(result.text("status") == "ERROR");
  CHECK(result.text("outcome") == "timeout");
  CHECK_THAT(result.text("reason"), Contains("tasks.queue_ttl_seconds = 1"));
  CHECK(result.json()->isNull("started_at"));
  CHECK_FALSE(result.json()->isNull("finished_at"));
  CHECK(daemon.http().get("/vx11/result/" + running).text("status") == "RUNNING");
  // No attempt was made, so none was used.
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM cli_usage_stats") == "0");
  writeFile(go, "");
  CHECK(finished(daemon, running).text("status") == "DONE");
}

TEST_CASE("queue: the TTL counts from the start, not from the acceptance") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  auto first = shell("exec sleep 3");
  const auto running = accept(daemon, first);
  auto second = shell("echo in time");
  second.set("ttl_seconds", 2);
  const auto waiting = accept(daemon, second);
  CHECK(finished(daemon, running).text("status") == "DONE");
  CHECK(finished(daemon, waiting).text("stdout") == "in time\n");
}
