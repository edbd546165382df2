#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Strings = std::vector<std::string>;

TEST_CASE("summary: counts the rows of each table and shows the last five of two") {
  OpenDaemon daemon;
  std::vector<Answer> results;
  for (int i = 0; i < 7; ++i) results.push_back(run(daemon, shell("exit " + std::to_string(i % 2))));
  const auto answer = daemon.http().get("/vx11/db/summary");
  REQUIRE(answer.status == 200);
  CHECK(keys(answer) == Strings{"counts", "last_routing_events", "last_spawns"});
  const auto counts = answer.json()->getObject("counts");
  for (const auto& [table, rows] : std::vector<std::pair<std::string, int>>{{"spawns", 7},
                                                                            {"routing_events", 7},
                                                                            {"cli_usage_stats", 7},
                                                                            {"spawn_attempts", 7},
                                                                            {"windows", 1},
                                                                            {"audit_log", 1},
                                                                            {"cli_providers", 0},
                                                                            {"models_local", 0},
                                                                            {"intents_log", 0}}) {
    INFO(table);
    REQUIRE(counts->has(table));
    CHECK(counts->getValue<int>(table) == rows);
  }
  const auto spawns = answer.json()->getArray("last_spawns");
  const auto events = answer.json()->getArray("last_routing_events");
  REQUIRE(spawns->size() == 5);
  REQUIRE(events->size() == 5);
  for (unsigned i = 0; i < 5; ++i) {
    const auto& result = results[6 - i];
    const auto spawn = spawns->getObject(i);
    CHECK(spawn->getValue<std::string>("name") == result.text("spawn_id"));
    CHECK(spawn->getValue<std::string>("status") ==
          (result.text("status") == "DONE" ? "completed" : "failed"));
    CHECK(spawn->isNull("pid"));
    const auto event = events->getObject(i);
    CHECK(event->getValue<std::string>("reasoning_short") == "Daughter spawn: " + result.text("spawn_id"));
    CHECK(event->getValue<std::string>("trace_id") == result.text("correlation_id"));
  }
}

TEST_CASE("summary: of an empty database is all zeros") {
  Daemon daemon;
  daemon.start();
  const auto answer = daemon.http().get("/vx11/db/summary");
  CHECK(answer.json()->getObject("counts")->getValue<int>("spawns") == 0);
  CHECK(answer.json()->getArray("last_spawns")->size() == 0);
  checkProblem(daemon.http().get("/vx11/db/summary?limit=9"), 422, "invalid_field", "limit");
}
