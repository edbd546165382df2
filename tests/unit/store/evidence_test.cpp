#include "store/evidence.hpp"

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("evidence: a routing event is read back with every field") {
  Fixture fixture;
  RoutingEventRow row = sampleEvent("cid-1");
  row.score = 95.5;
  row.spawn_uuid = "uuid-1";
  row.outcome = "chosen";
  row.decision_us = 321;
  row.config_hash = "abc";
  fixture.database.commit([&](WriteSession& session) { evidence::insertRoutingEvent(session, row); });
  const auto found =
      fixture.database.read([](ReadSession& s) { return evidence::newestRoutingEvents(s, 5); });
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == 1);
  CHECK(found[0].timestamp == row.timestamp);
  CHECK(found[0].trace_id == row.trace_id);
  CHECK(found[0].route_type == row.route_type);
  CHECK(found[0].provider_id == row.provider_id);
  CHECK(found[0].score == 95.5);
  CHECK(found[0].reasoning_short == row.reasoning_short);
  CHECK(found[0].spawn_uuid == row.spawn_uuid);
  CHECK(found[0].outcome == row.outcome);
  CHECK(found[0].decision_us == 321);
  CHECK(found[0].config_hash == row.config_hash);
}

TEST_CASE("evidence: what an event does not have is NULL") {
  Fixture fixture;
  fixture.database.commit(
      [&](WriteSession& session) { evidence::insertRoutingEvent(session, sampleEvent("cid-1")); });
  const auto found =
      fixture.database.read([](ReadSession& s) { return evidence::newestRoutingEvents(s, 5); });
  REQUIRE(found.size() == 1);
  CHECK(found[0].spawn_uuid.empty());
  CHECK_FALSE(found[0].decision_us);
  CHECK(fixture.ask("SELECT count(*) FROM routing_events WHERE spawn_uuid IS NULL AND outcome IS NULL "
                    "AND decision_us IS NULL AND config_hash IS NULL") == "1");
}

TEST_CASE("evidence: events are newest first by time, and bounded") {
  Fixture fixture;
  fixture.database.commit([&](WriteSession& session) {
    for (int i : {2, 0, 1}) {
      RoutingEventRow row = sampleEvent("cid-" + std::to_string(i));
      row.timestamp += std::chrono::seconds(i);
      evidence::insertRoutingEvent(session, row);
    }
  });
  const auto found =
      fixture.database.read([](ReadSession& s) { return evidence::newestRoutingEvents(s, 2); });
  REQUIRE(found.size() == 2);
  CHECK(found[0].trace_id == "cid-2");
  CHECK(found[1].trace_id == "cid-1");
}

TEST_CASE("evidence: a usage row holds the contract's words") {
  Fixture fixture;
  UsageRow good = sampleUsage("cid-1");
  good.success = true;
  good.error_class.clear();
  fixture.database.commit([&](WriteSession& session) {
    evidence::insertUsage(session, sampleUsage("cid-1"));
    evidence::insertUsage(session, good);
  });
  CHECK(sqlite3(fixture.file,
                "SELECT provider_id, timestamp, success, latency_ms, cost_estimated, tokens_estimated, "
                "error_class, "
                "trace_id, attempt FROM cli_usage_stats ORDER BY id") ==
        "provider_id|timestamp|success|latency_ms|cost_estimated|tokens_estimated|error_class|trace_id|"
        "attempt\n"
        "spawner:python|2026-01-02 00:55:50.000003|0|700|0.25|42|failed|cid-1|2\n"
        "spawner:python|2026-01-02 00:55:50.000003|1|700|0.25|42||cid-1|2\n");
}

}  // namespace vx11::store::test
