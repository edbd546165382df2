#include "store/expired.hpp"

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

using std::chrono::hours;

// Ended an hour after it was created.
SpawnRow addEnded(Fixture& fixture, WallTime created_at, const std::string& correlation_id = {}) {
  auto row = sampleSpawn();
  row.created_at = created_at;
  row.correlation_id = correlation_id.empty() ? row.uuid : correlation_id;
  auto end = sampleEnd();
  end.ended_at = created_at + hours(1);
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, row);
    attempts::insert(session, sampleAttempt(row.uuid));
    auto event = sampleEvent(row.correlation_id);
    event.spawn_uuid = row.uuid;
    evidence::insertRoutingEvent(session, event);
    evidence::insertUsage(session, sampleUsage(row.correlation_id));
    spawns::finish(session, row.uuid, end);
  });
  return row;
}

std::vector<ExpiredSpawn> find(Fixture& fixture, WallTime before, int limit = 10) {
  return fixture.database.read([&](ReadSession& session) { return expired::find(session, before, limit); });
}

size_t usages(Fixture& fixture, const std::string& trace_id) {
  return fixture.database.read(
      [&](ReadSession& session) { return evidence::usageOf(session, trace_id, 100).size(); });
}

}  // namespace

TEST_CASE("expired: what ended before is found, the oldest first, and what lives or ended since is not") {
  Fixture fixture;
  const auto now = wallNow();
  const auto second = addEnded(fixture, now - hours(48));
  const auto first = addEnded(fixture, now - hours(72));
  addEnded(fixture, now - hours(24));  // ended an hour too late
  auto living = sampleSpawn();
  living.created_at = now - hours(90);
  fixture.database.commit([&](WriteSession& session) { spawns::insert(session, living); });
  const auto found = find(fixture, now - hours(24) + std::chrono::minutes(30));
  REQUIRE(found.size() == 2);
  CHECK(found[0].uuid == first.uuid);
  CHECK(found[1].uuid == second.uuid);
  CHECK(found[0].out_file == sampleEnd().out_file);
  CHECK(find(fixture, now, 1).size() == 1);
}

TEST_CASE("expired: a spawn goes with its attempts and evidence, usage with the last of its correlation id") {
  Fixture fixture;
  const auto now = wallNow();
  const auto alone = addEnded(fixture, now - hours(72));
  const auto shared = addEnded(fixture, now - hours(71), "shared");
  const auto kept = addEnded(fixture, now, "shared");
  for (const auto& spawn : find(fixture, now - hours(24)))
    fixture.database.commit([&](WriteSession& session) {
      expired::remove(session, spawn);
      expired::remove(session, spawn);  // a group that is repeated
    });
  fixture.database.read([&](ReadSession& session) {
    CHECK_FALSE(spawns::byUuid(session, alone.uuid));
    CHECK_FALSE(spawns::byUuid(session, shared.uuid));
    CHECK(spawns::byUuid(session, kept.uuid));
    CHECK(attempts::all(session, alone.uuid).empty());
    CHECK(attempts::all(session, kept.uuid).size() == 1);
    CHECK(evidence::routingEventsOf(session, alone.uuid, 9).empty());
    CHECK(evidence::routingEventsOf(session, "shared", 9).size() == 1);
  });
  CHECK(usages(fixture, alone.uuid) == 0);
  CHECK(usages(fixture, "shared") == 2);
}

}  // namespace vx11::store::test
