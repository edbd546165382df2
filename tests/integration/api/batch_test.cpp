// POST /vx11/spawns/batch: all of them or none.
#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

Json batch(const std::vector<Json>& tasks) {
  Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
  for (const auto& task : tasks) list->add(task);
  Json body;
  body.set("spawns", list);
  return body;
}

Answer post(const Daemon& daemon, const Json& body, const Headers& headers = {}) {
  return daemon.http().post("/vx11/spawns/batch", body, headers);
}

std::string rows(const Daemon& daemon) {
  return SqliteReader(daemon.database()).value("SELECT count(*) FROM spawns");
}

}  // namespace

TEST_CASE("batch: all are accepted in order by one commit, each with its evidence, and run") {
  OpenDaemon daemon;
  std::vector<Json> tasks;
  for (int i = 0; i < 200; ++i)
    tasks.push_back(task(i % 2 == 0 ? "shell" : "bash", "echo " + std::to_string(i)));
  tasks[3].set("correlation_id", "mine");
  const auto answer = post(daemon, batch(tasks), {{"X-Correlation-Id", "ours"}});
  REQUIRE(answer.status == 200);
  const auto spawns = answer.json()->getArray("spawns");
  REQUIRE(spawns->size() == 200);
  for (unsigned i = 0; i < 200; ++i) {
    const auto spawn = spawns->getObject(i);
    CHECK(spawn->getValue<std::string>("status") == "QUEUED");
    CHECK(spawn->getValue<std::string>("task_type") == (i % 2 == 0 ? "shell" : "bash"));
    CHECK(spawn->getValue<std::string>("correlation_id") == (i == 3 ? "mine" : "ours"));
    const auto result = finished(daemon, spawn->getValue<std::string>("spawn_id"));
    CHECK(result.text("stdout") == std::to_string(i) + "\n");
  }
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM routing_events WHERE route_type = 'spawn'") == "200");
  CHECK(database.value("SELECT count(*) FROM cli_usage_stats") == "200");
}

TEST_CASE("batch: one bad task is named with its place, and none is started") {
  OpenDaemon daemon;
  auto negative = shell("true");
  negative.set("ttl_seconds", -1);
  auto slow = shell("true");
  slow.set("ttl", 1);
  const auto answer = post(daemon, batch({shell("true"), task("perl", "1"), negative, slow, shell("")}));
  checkProblem(answer, 422, "invalid_field", "spawns[1].task_type");
  CHECK_THAT(complaint(answer, "spawns[1].task_type"), Contains("shell"));
  checkProblem(answer, 422, "invalid_field", "spawns[2].ttl_seconds");
  CHECK_THAT(complaint(answer, "spawns[3].ttl"), Contains("ttl_seconds"));
  checkProblem(answer, 422, "invalid_field", "spawns[4].code");
  CHECK_THAT(answer.text("detail"), Contains("none of them was started"));
  CHECK(answer.json()->getArray("errors")->size() == 4);
  CHECK(rows(daemon) == "0");
}

TEST_CASE("batch: what is no list of tasks is 422, and so is an Idempotency-Key") {
  OpenDaemon daemon;
  const auto send = [&](const std::string& body) { return daemon.http().post("/vx11/spawns/batch", body); };
  for (const char* body : {"{}", R"({"spawns":[]})", R"({"spawns":7})", R"({"spawns":null})"}) {
    INFO(body);
    CHECK_FALSE(complaint(send(body), "spawns").empty());
  }
  CHECK_FALSE(complaint(send(R"({"spawns":[1]})"), "spawns[0]").empty());
  CHECK_FALSE(
      complaint(send(R"({"spawns":[{"task_type":"shell","code":"true"}],"wait":1})"), "wait").empty());
  checkProblem(send("[]"), 400, "malformed_json");
  CHECK_THAT(complaint(post(daemon, batch(std::vector<Json>(1001, shell("true")))), "spawns"),
             Contains("1 to 1000"));
  const auto key = post(daemon, batch({shell("true")}), {{"Idempotency-Key", "k"}});
  CHECK_THAT(complaint(key, "Idempotency-Key"), Contains("single tasks"));
  CHECK(rows(daemon) == "0");
}

TEST_CASE("batch: a queue without room for all takes none, a closed window neither") {
  OpenDaemon daemon({{"tasks.max_running", "1"}, {"tasks.max_queued", "3"}});
  const auto go = sharedDirectory(daemon) / "go";
  const auto running = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, running);
  const auto refused = post(daemon, batch(std::vector<Json>(4, shell("true"))));
  checkProblem(refused, 503, "queue_full");
  CHECK(refused.headers.count("retry-after") == 1);
  CHECK(rows(daemon) == "1");
  const auto taken = post(daemon, batch(std::vector<Json>(3, shell("echo in"))));
  CHECK(taken.status == 200);
  writeFile(go, "");
  const auto spawns = taken.json()->getArray("spawns");
  for (unsigned i = 0; i < 3; ++i)
    CHECK(finished(daemon, spawns->getObject(i)->getValue<std::string>("spawn_id")).text("stdout") == "in\n");

  daemon.http().post("/vx11/window/close", R"({"target":"spawner"})");
  const auto denied = post(daemon, batch({shell("true")}));
  CHECK(denied.status == 200);
  CHECK(denied.text("status") == "ERROR");
  CHECK(denied.text("error") == "off_by_policy");
  CHECK_THAT(denied.text("hint"), Contains("/vx11/window/open"));
  CHECK(denied.json()->getArray("spawns")->size() == 0);
  CHECK(rows(daemon) == "4");
}
