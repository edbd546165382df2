#include "store/summary.hpp"

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("summary: every table is counted exactly, SQLite's own are not") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, row);
    spawns::insert(session, sampleSpawn());
    attempts::insert(session, sampleAttempt(row.uuid));
  });
  // Makes a table sqlite_stat1.
  fixture.database.commit([](WriteSession& session) { session.runOnce("ANALYZE"); });
  const auto counts = fixture.database.read([](ReadSession& session) { return countRows(session); });
  const std::map<std::string, int64_t> expected{
      {"spawns", 2},          {"spawn_plans", 0}, {"spawn_attempts", 1},   {"routing_events", 0},
      {"cli_usage_stats", 0}, {"windows", 0},     {"audit_log", 0},        {"cli_providers", 0},
      {"models_local", 0},    {"intents_log", 0}, {"idempotency_keys", 0},
  };
  CHECK(counts == expected);
}

}  // namespace vx11::store::test
