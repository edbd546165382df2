// The SQL of the field report, verbatim, with the sqlite3 shell on the live file.
#include <atomic>
#include <thread>

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("report: its queries run on the live file while the writer writes") {
  Fixture fixture;
  SpawnRow row = sampleSpawn();
  row.name = "spawn-0f4bfb1a";
  row.correlation_id = "7a053f5a-b039-46ff-8220-02402a356e7f";
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, row);
    spawns::finish(session, row.uuid, sampleEnd());
    evidence::insertRoutingEvent(session, sampleEvent(row.correlation_id));
    evidence::insertUsage(session, sampleUsage(row.correlation_id));
  });
  std::atomic<bool> stop = false;
  std::jthread writer([&] {
    while (!stop) {
      fixture.database.commit([](WriteSession& session) {
        SpawnRow other = sampleSpawn();
        other.name = other.uuid;
        RoutingEventRow event = sampleEvent(other.uuid);
        event.timestamp -= std::chrono::hours(1);
        UsageRow usage = sampleUsage(other.uuid);
        usage.timestamp -= std::chrono::hours(1);
        spawns::insert(session, other);
        evidence::insertRoutingEvent(session, event);
        evidence::insertUsage(session, usage);
      });
    }
  });
  for (int round = 0; round < 5; ++round) {
    CHECK(sqlite3(fixture.file,
                  "SELECT name, status, pid, exit_code, created_at, started_at, ended_at\n"
                  "FROM spawns\n"
                  "WHERE name IN ('spawn-0f4bfb1a', 'spawn-c300c78f', 'spawn-ac44903d');") ==
          "name|status|pid|exit_code|created_at|started_at|ended_at\n"
          "spawn-0f4bfb1a|failed||3|2026-01-02 00:55:49.253550|2026-01-02 00:55:49.300001|"
          "2026-01-02 00:55:50.000002\n");
    const std::string event =
        "id|timestamp|trace_id|route_type|provider_id|score|reasoning_short|spawn_uuid|outcome|decision_us|"
        "config_hash\n"
        "1|2026-01-02 00:55:49.253570|7a053f5a-b039-46ff-8220-02402a356e7f|spawn|spawner|1.0|"
        "Daughter spawn: spawn-0f4bfb1a||||\n";
    CHECK(sqlite3(fixture.file, "SELECT * FROM routing_events ORDER BY timestamp DESC LIMIT 20;")
              .rfind(event, 0) == 0);
    CHECK(sqlite3(fixture.file,
                  "SELECT * FROM routing_events\nWHERE trace_id='7a053f5a-b039-46ff-8220-02402a356e7f'") ==
          event);
    CHECK(
        sqlite3(fixture.file, "SELECT * FROM cli_usage_stats ORDER BY timestamp DESC LIMIT 20;")
            .rfind("id|provider_id|timestamp|success|latency_ms|cost_estimated|tokens_estimated|error_class|"
                   "trace_id|attempt\n"
                   "1|spawner:python|2026-01-02 00:55:50.000003|0|700|0.25|42|failed|"
                   "7a053f5a-b039-46ff-8220-02402a356e7f|2\n",
                   0) == 0);
  }
  stop = true;
}

}  // namespace vx11::store::test
