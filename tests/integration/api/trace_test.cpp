// GET /vx11/spawns/{id}/events and GET /vx11/trace/{id}.
#include <set>

#include "calls.hpp"
#include "catch.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> typesOf(const Answer& answer) {
  std::vector<std::string> types;
  const auto events = answer.json()->getArray("events");
  for (unsigned i = 0; i < events->size(); ++i)
    types.push_back(events->getObject(i)->getValue<std::string>("type"));
  return types;
}

Answer events(const Daemon& daemon, const std::string& id) {
  return daemon.http().get("/vx11/spawns/" + id + "/events");
}

using Types = std::vector<std::string>;

}  // namespace

TEST_CASE("trace: the life of a task is a line of events in order, with what took how long") {
  OpenDaemon daemon;
  const auto id = run(daemon, shell("sleep 0.1; echo out; exit 3")).text("spawn_id");
  const auto answer = events(daemon, id);
  CHECK(typesOf(answer) == Types{"accepted", "attempt_begun", "started", "attempt_ended", "finished"});
  const auto list = answer.json()->getArray("events");
  int64_t before = 0;
  for (unsigned i = 0; i < list->size(); ++i) {
    const auto since = list->getObject(i)->getValue<int64_t>("since_us");
    CHECK(since >= before);
    before = since;
  }
  CHECK(list->getObject(2)->getValue<int>("attempt") == 1);
  CHECK(list->getObject(3)->getValue<std::string>("outcome") == "failed");
  CHECK(list->getObject(3)->getValue<int64_t>("ran_us") >= 100'000);
  const auto finished = list->getObject(4);
  CHECK(finished->getValue<int>("exit_code") == 3);
  CHECK(finished->getValue<int>("stdout_bytes") == 4);
  CHECK(finished->getValue<bool>("tree_empty"));
  CHECK(finished->getValue<int64_t>("total_us") >= 100'000);
}

TEST_CASE("trace: every attempt is kept, and what waits says why") {
  OpenDaemon daemon({{"tasks.max_running", "1"}, {"tasks.retry_delay_seconds", "0"}});
  auto twice = shell("exit 1");
  twice.set("max_retries", 1);
  const auto retried = run(daemon, twice).text("spawn_id");
  CHECK(typesOf(events(daemon, retried)) == Types{"accepted", "attempt_begun", "started", "attempt_ended",
                                                  "attempt_begun", "started", "attempt_ended", "finished"});
  const auto go = sharedDirectory(daemon) / "go";
  const auto running = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, running);
  const auto live = events(daemon, running);
  CHECK(typesOf(live) == Types{"accepted", "attempt_begun", "started"});
  CHECK(live.text("status") == "RUNNING");
  CHECK(live.json()->getArray("events")->getObject(2)->getValue<int>("pid") > 1);
  const auto waiting = accept(daemon, shell("true"));
  const auto why = events(daemon, waiting);
  CHECK(typesOf(why) == Types{"accepted", "waiting"});
  CHECK_THAT(why.json()->getArray("events")->getObject(1)->getValue<std::string>("queue_reason"),
             Contains("tasks.max_running = 1"));
  daemon.http().post("/vx11/spawns/" + waiting + "/cancel", "");
  CHECK(typesOf(events(daemon, waiting)) == Types{"accepted", "finished"});
  writeFile(go, "");
  finished(daemon, running);
}

TEST_CASE("trace: all tasks of a correlation id are one line, with their evidence, by any of their ids") {
  OpenDaemon daemon;
  auto first = shell("true");
  first.set("correlation_id", "together");
  const auto one = run(daemon, first).text("spawn_id");
  auto second = shell("exit 1");
  second.set("correlation_id", "together");
  const auto two = run(daemon, second).text("spawn_id");
  const auto answer = daemon.http().get("/vx11/trace/together");
  CHECK(answer.text("correlation_id") == "together");
  const auto json = answer.json();
  REQUIRE(json->getArray("spawns")->size() == 2);
  CHECK(json->getArray("spawns")->getObject(0)->getValue<std::string>("spawn_id") == one);
  CHECK(json->getArray("events")->size() == 10);
  CHECK(json->getArray("spans")->size() == 6);
  CHECK(json->getArray("routing_events")->size() == 2);
  CHECK(json->getArray("usage")->size() == 2);
  CHECK(json->getArray("usage")->getObject(1)->getValue<std::string>("error_class") == "failed");
  CHECK(daemon.http().get("/vx11/trace/" + two).body == answer.body);
  checkProblem(daemon.http().get("/vx11/trace/nobody"), 404, "not_found");
  checkProblem(daemon.http().get("/vx11/trace/together?format=xml"), 422, "invalid_field", "format");
  checkProblem(daemon.http().get("/vx11/trace/a%20b"), 422, "invalid_field", "id");
}

TEST_CASE("trace: for a viewer each task is a thread with its spans") {
  OpenDaemon daemon;
  auto slow = shell("sleep 0.05");
  slow.set("correlation_id", "viewed");
  const auto id = run(daemon, slow).text("spawn_id");
  const auto answer = daemon.http().get("/vx11/trace/viewed?format=perfetto");
  CHECK_THAT(answer.headers.at("content-disposition"), Contains("viewed.json"));
  const auto list = answer.json()->getArray("traceEvents");
  std::set<std::string> spans;
  bool named = false;
  for (unsigned i = 0; i < list->size(); ++i) {
    const auto event = list->getObject(i);
    const auto phase = event->getValue<std::string>("ph");
    if (phase == "M") named = named || event->getObject("args")->getValue<std::string>("name") == id;
    if (phase != "X") continue;
    spans.insert(event->getValue<std::string>("name"));
    CHECK(event->getValue<int64_t>("ts") > 0);
    CHECK(event->getValue<int64_t>("dur") >= (event->getValue<std::string>("name") == "runs" ? 50'000 : 0));
    CHECK(event->getValue<int>("tid") == 1);
  }
  CHECK(named);
  CHECK(spans == std::set<std::string>{"waits", "starts", "runs"});
}
