#include "store/attempts.hpp"

#include "base/error.hpp"
#include "base/id.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

struct WithSpawn : Fixture {
  SpawnRow spawn = sampleSpawn();
  WithSpawn() {
    database.commit([&](WriteSession& session) { spawns::insert(session, spawn); });
  }
  std::optional<AttemptRow> latest() {
    return database.read([&](ReadSession& session) { return attempts::latest(session, spawn.uuid); });
  }
};

}  // namespace

TEST_CASE("attempts: a row is read back with every field through its life") {
  WithSpawn fixture;
  const AttemptRow row = sampleAttempt(fixture.spawn.uuid);
  fixture.database.commit([&](WriteSession& session) { attempts::insert(session, row); });
  auto found = fixture.latest();
  REQUIRE(found);
  CHECK(found->spawn_uuid == row.spawn_uuid);
  CHECK(found->attempt == 1);
  CHECK(found->nonce == row.nonce);
  CHECK(found->host_id == row.host_id);
  CHECK(found->executor == row.executor);
  CHECK(found->executor_instance == row.executor_instance);
  CHECK(found->boot_id == row.boot_id);
  CHECK(found->status == "starting");
  CHECK(found->created_at == row.created_at);
  CHECK(found->outcome.empty());
  CHECK_FALSE(found->pid);
  CHECK_FALSE(found->uid);
  CHECK_FALSE(found->started_at);
  CHECK_FALSE(found->ended_at);

  const auto started = wallFromMicros(1'767'315'349'300'001);
  fixture.database.commit([&](WriteSession& session) {
    attempts::markRunning(session, row.spawn_uuid, row.nonce, 4711, 3'000'000'000, started);
  });
  found = fixture.latest();
  CHECK(found->status == "running");
  CHECK(found->pid == 4711);
  CHECK(found->uid == 3'000'000'000);
  CHECK(found->started_at == started);

  const auto ended = wallFromMicros(1'767'315'350'000'002);
  fixture.database.commit([&](WriteSession& session) {
    attempts::end(session, row.spawn_uuid, row.nonce, "timeout", "It ran for 60 s.", std::nullopt, ended);
  });
  found = fixture.latest();
  CHECK(found->status == "ended");
  CHECK(found->outcome == "timeout");
  CHECK(found->reason == "It ran for 60 s.");
  CHECK_FALSE(found->pid);
  CHECK(found->started_at == started);
  CHECK(found->ended_at == ended);
}

TEST_CASE("attempts: a late report of running does not revive an ended one") {
  WithSpawn fixture;
  const AttemptRow row = sampleAttempt(fixture.spawn.uuid);
  fixture.database.commit([&](WriteSession& session) {
    attempts::insert(session, row);
    attempts::end(session, row.spawn_uuid, row.nonce, "succeeded", "", wallNow(), wallNow());
    attempts::markRunning(session, row.spawn_uuid, row.nonce, 4711, 1000, wallNow());
  });
  CHECK(fixture.latest()->status == "ended");
  CHECK_FALSE(fixture.latest()->pid);
  CHECK(fixture.ask("SELECT count(*) FROM spawn_attempts WHERE reason IS NULL") == "1");
}

TEST_CASE("attempts: the latest is the one with the highest number") {
  WithSpawn fixture;
  CHECK_FALSE(fixture.latest());
  const AttemptRow second = sampleAttempt(fixture.spawn.uuid, 2);
  fixture.database.commit([&](WriteSession& session) {
    attempts::insert(session, second);
    attempts::insert(session, sampleAttempt(fixture.spawn.uuid, 1));
  });
  CHECK(fixture.latest()->attempt == 2);
  fixture.database.commit(
      [&](WriteSession& session) { attempts::remove(session, second.spawn_uuid, second.nonce); });
  CHECK(fixture.latest()->attempt == 1);
}

TEST_CASE("attempts: a report changes the attempt of its nonce alone") {
  WithSpawn fixture;
  const AttemptRow first = sampleAttempt(fixture.spawn.uuid, 1);
  const AttemptRow second = sampleAttempt(fixture.spawn.uuid, 2);
  const SpawnRow other = sampleSpawn();
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, other);
    attempts::insert(session, first);
    attempts::insert(session, second);
    attempts::end(session, fixture.spawn.uuid, first.nonce, "failed", "", wallNow(), wallNow());
    attempts::markRunning(session, fixture.spawn.uuid, "another nonce", 4711, 1000, wallNow());
    attempts::remove(session, fixture.spawn.uuid, "another nonce");
    attempts::remove(session, fixture.spawn.uuid, first.nonce);  // ended: it stays
    // The right nonce with another spawn.
    attempts::markRunning(session, other.uuid, second.nonce, 4711, 1000, wallNow());
    attempts::end(session, other.uuid, second.nonce, "failed", "", wallNow(), wallNow());
    attempts::remove(session, other.uuid, second.nonce);
  });
  CHECK(fixture.ask("SELECT (SELECT status FROM spawn_attempts WHERE attempt = 1) || ' ' || "
                    "(SELECT status FROM spawn_attempts WHERE attempt = 2)") == "ended starting");
}

TEST_CASE("attempts: a spawn has one of each number, and an attempt belongs to a spawn") {
  WithSpawn fixture;
  const AttemptRow row = sampleAttempt(fixture.spawn.uuid, 1);
  fixture.database.commit([&](WriteSession& session) { attempts::insert(session, row); });
  const AttemptRow again = sampleAttempt(fixture.spawn.uuid, 1);
  CHECK_THROWS_AS(fixture.database.commit([&](WriteSession& s) { attempts::insert(s, again); }), Error);
  CHECK_THROWS_AS(
      fixture.database.commit([&](WriteSession& s) { attempts::insert(s, sampleAttempt(newUuid())); }),
      Error);
  CHECK(fixture.ask("SELECT count(*) FROM spawn_attempts") == "1");
}

}  // namespace vx11::store::test
