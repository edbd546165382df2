#include <algorithm>
#include <map>
#include <thread>

#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;
using Strings = std::vector<std::string>;

namespace {

constexpr const char* kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
constexpr const char* kTime = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})";

}  // namespace

TEST_CASE("spawn: the answer has exactly the members of the contract") {
  OpenDaemon daemon;
  const auto answer = daemon.http().post("/vx11/spawn", shell("echo TASK1_OK"));
  REQUIRE(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "application/json");
  CHECK(keys(answer) ==
        Strings{"correlation_id", "created_at", "error", "spawn_id", "spawn_uuid", "status", "task_type"});
  CHECK_THAT(answer.text("spawn_uuid"), Matches(kUuid));
  CHECK(answer.text("spawn_id") == "spawn-" + answer.text("spawn_uuid").substr(0, 8));
  CHECK(answer.text("correlation_id") == answer.text("spawn_uuid"));
  CHECK(answer.headers.at("x-correlation-id") == answer.text("spawn_uuid"));
  CHECK(answer.text("status") == "QUEUED");
  CHECK(answer.text("task_type") == "shell");
  CHECK(answer.json()->isNull("error"));
  CHECK_THAT(answer.text("created_at"), Matches(kTime));
}

TEST_CASE("spawn: the result has the members of the contract before, while and after it runs") {
  OpenDaemon daemon;
  const Strings contract{"attempt",      "correlation_id", "created_at",   "duration_ms", "exit_code",
                         "finished_at",  "outcome",        "queue_reason", "reason",      "signal",
                         "spawn_id",     "spawn_uuid",     "started_at",   "status",      "stderr",
                         "stderr_bytes", "stdout",         "stdout_bytes", "task_type",   "tree_empty",
                         "truncated",    "ttl_seconds",    "usage"};
  auto expected = contract;
  expected.insert(expected.end(), {"label", "pid", "priority"});
  std::sort(expected.begin(), expected.end());

  const auto go = sharedDirectory(daemon) / "go";
  const auto id = accept(daemon, shell("echo begun\n" + waitFor(go)));
  untilRunning(daemon, id);
  const auto running = daemon.http().get("/vx11/result/" + id);
  CHECK(keys(running) == expected);
  CHECK_THAT(running.text("started_at"), Matches(kTime));
  CHECK(std::stoi(running.text("pid")) > 1);
  for (const char* member : {"finished_at", "exit_code", "outcome", "signal", "duration_ms", "tree_empty"}) {
    INFO(member);
    CHECK(running.json()->isNull(member));
  }
  writeFile(go, "");
  const auto result = finished(daemon, id);
  CHECK(keys(result) == expected);
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("outcome") == "succeeded");
  CHECK(result.text("exit_code") == "0");
  CHECK(result.text("stdout") == "begun\n");
  CHECK(result.text("stderr").empty());
  CHECK(result.text("attempt") == "1");
  CHECK(result.text("tree_empty") == "true");
  CHECK(result.json()->isNull("signal"));
  CHECK(result.json()->isNull("reason"));
  CHECK(result.json()->isNull("pid"));
  for (const char* member : {"created_at", "started_at", "finished_at"})
    CHECK_THAT(result.text(member), Matches(kTime));
  CHECK(result.text("created_at") <= result.text("started_at"));
  CHECK(result.text("started_at") <= result.text("finished_at"));
  CHECK(keys(*result.json()->getObject("usage")) == Strings{"max_rss_kb", "system_ms", "user_ms"});
  CHECK(result.json()->getObject("usage")->getValue<int>("max_rss_kb") > 0);
  CHECK(keys(*result.json()->getObject("truncated")) == Strings{"stderr", "stdout"});
}

TEST_CASE("spawn: the three tasks of the report are DONE") {
  OpenDaemon daemon;
  const auto first = shell("echo TASK1_OK");
  const auto second = task("python", "import json, time, math\nprint(json.dumps({'root': math.sqrt(49)}))\n");
  const auto third = shell(
      "echo TASK3_START\npython3 - <<'PY'\nimport json, time\nfor phase in ('a', 'b'):\n    time.sleep(0.3)\n"
      "    print(json.dumps({'phase': phase}), flush=True)\nPY\necho TASK3_END\n");
  CHECK(run(daemon, first).text("stdout") == "TASK1_OK\n");
  CHECK(run(daemon, second).text("stdout") == "{\"root\": 7.0}\n");
  const auto last = run(daemon, third);
  CHECK(last.text("stdout") == "TASK3_START\n{\"phase\": \"a\"}\n{\"phase\": \"b\"}\nTASK3_END\n");
  CHECK(last.text("status") == "DONE");
  CHECK(std::stoi(last.text("duration_ms")) >= 600);
}

TEST_CASE("spawn: task_type decides: shell to sh, bash to bash, python to python") {
  OpenDaemon daemon;
  CHECK(run(daemon, shell("echo ${BASH_VERSION:-none}")).text("stdout") == "none\n");
  CHECK(run(daemon, task("bash", "a=(1 2 3); echo ${#a[@]}")).text("stdout") == "3\n");
  CHECK(run(daemon, task("python", "import sys; print(sys.version_info[0])")).text("stdout") == "3\n");
  // The original gave it to sh.
  const auto result = run(daemon, task("python", "import json\nprint(json.dumps([1]))"));
  CHECK(result.text("stdout") == "[1]\n");
  CHECK(result.text("task_type") == "python");
  CHECK(result.text("exit_code") == "0");
}

TEST_CASE("spawn: what python printed is there when it is killed at its deadline") {
  OpenDaemon daemon({{"tasks.kill_grace_seconds", "0"}});
  auto body = task("python", "import time\nprint('in time')\ntime.sleep(300)");
  body.set("ttl_seconds", 2);
  const auto result = run(daemon, body);
  CHECK(result.text("outcome") == "timeout");
  CHECK(result.text("stdout") == "in time\n");
}

TEST_CASE("spawn: task_type and ttl_seconds of the result are the request's own, label too") {
  OpenDaemon daemon;
  for (const int ttl : {1, 77, 86400}) {
    auto body = task("bash", "true");
    body.set("ttl_seconds", ttl);
    body.set("label", "nightly run");
    const auto result = run(daemon, body);
    CHECK(result.text("ttl_seconds") == std::to_string(ttl));
    CHECK(result.text("task_type") == "bash");
    CHECK(result.text("label") == "nightly run");
  }
  CHECK(run(daemon, shell("true")).text("ttl_seconds") == "3600");
}

TEST_CASE("spawn: every field that is served with its default is taken") {
  OpenDaemon daemon;
  auto body = shell("echo fine");
  body.set("max_retries", 0);
  body.set("user_id", "somebody");
  body.set("metadata", object({{"ticket", "A-1"}}));
  body.set("priority", "P1");
  body.set("on_output_limit", "drop");
  body.set("stdin", Poco::Dynamic::Var());
  CHECK(run(daemon, body).text("stdout") == "fine\n");
}

TEST_CASE("spawn: many at once get ids of their own, and each its own answer") {
  OpenDaemon daemon;
  constexpr int kClients = 8;
  constexpr int kEach = 10;
  std::vector<std::map<std::string, std::string>> seen(kClients);
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < kEach; ++i) {
        const auto word = std::to_string(c) + "." + std::to_string(i);
        const auto answer = daemon.http().post("/vx11/spawn?wait=60", shell("echo " + word));
        if (answer.text("stdout") == word + "\n")
          seen[static_cast<size_t>(c)][answer.text("spawn_id")] = word;
      }
    });
  }
  for (auto& client : clients) client.join();
  std::map<std::string, std::string> all;
  for (const auto& each : seen) all.insert(each.begin(), each.end());
  CHECK(all.size() == kClients * kEach);
}
