#include "store/spawns.hpp"

#include "base/error.hpp"
#include "base/id.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

void add(Database& database, const SpawnRow& row) {
  database.commit([&](WriteSession& session) { spawns::insert(session, row); });
}

SpawnRow get(Database& database, const std::string& uuid) {
  const auto row = database.read([&](ReadSession& session) { return spawns::byUuid(session, uuid); });
  REQUIRE(row);
  return *row;
}

bool finish(Database& database, const std::string& uuid, const SpawnEnd& end) {
  bool changed = false;
  database.commit([&](WriteSession& session) { changed = spawns::finish(session, uuid, end); });
  return changed;
}

void checkRequest(const SpawnRow& found, const SpawnRow& row) {
  CHECK(found.uuid == row.uuid);
  CHECK(found.name == row.name);
  CHECK(found.cmd == row.cmd);
  CHECK(found.correlation_id == row.correlation_id);
  CHECK(found.task_type == row.task_type);
  CHECK(found.ttl_seconds == row.ttl_seconds);
  CHECK(found.max_retries == row.max_retries);
  CHECK(found.user_id == row.user_id);
  CHECK(found.label == row.label);
  CHECK(found.metadata_json == row.metadata_json);
  CHECK(found.traceparent == row.traceparent);
  CHECK(found.host_id == row.host_id);
  CHECK(found.created_at == row.created_at);
}

void checkEnd(const SpawnEnd& found, const SpawnEnd& end) {
  CHECK(found.status == end.status);
  CHECK(found.outcome == end.outcome);
  CHECK(found.reason == end.reason);
  CHECK(found.started_at == end.started_at);
  CHECK(found.ended_at == end.ended_at);
  CHECK(found.exit_code == end.exit_code);
  CHECK(found.signal == end.signal);
  CHECK(found.duration_ms == end.duration_ms);
  CHECK(found.user_ms == end.user_ms);
  CHECK(found.system_ms == end.system_ms);
  CHECK(found.max_rss_kb == end.max_rss_kb);
  CHECK(found.out == end.out);
  CHECK(found.err == end.err);
  CHECK(found.out_bytes == end.out_bytes);
  CHECK(found.err_bytes == end.err_bytes);
  CHECK(found.out_file == end.out_file);
  CHECK(found.err_file == end.err_file);
  CHECK(found.tree_empty == end.tree_empty);
}

}  // namespace

TEST_CASE("spawns: an accepted row is read back with every field, and is pending") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  add(fixture.database, row);
  const SpawnRow found = get(fixture.database, row.uuid);
  checkRequest(found, row);
  CHECK(found.status == "pending");
  CHECK(found.attempt == 0);
  CHECK_FALSE(found.pid);
  CHECK_FALSE(found.started_at);
  CHECK_FALSE(found.end);
  CHECK(fixture.database.read([&](ReadSession& s) { return spawns::byName(s, row.name); })->uuid == row.uuid);
  CHECK_FALSE(fixture.database.read([&](ReadSession& s) { return spawns::byName(s, "spawn-00000000"); }));
}

TEST_CASE("spawns: what may be empty is NULL in the table") {
  Fixture fixture;
  SpawnRow row = sampleSpawn();
  row.label.clear();
  row.traceparent.clear();
  add(fixture.database, row);
  checkRequest(get(fixture.database, row.uuid), row);
  CHECK(fixture.ask("SELECT count(*) FROM spawns WHERE label IS NULL AND traceparent IS NULL AND pid IS NULL "
                    "AND started_at IS NULL AND ended_at IS NULL AND exit_code IS NULL AND stdout IS NULL "
                    "AND stderr IS NULL AND outcome IS NULL AND parent_task_id IS NULL") == "1");
}

TEST_CASE("spawns: times are UTC text of the database's form") {
  Fixture fixture;
  add(fixture.database, sampleSpawn());
  CHECK(fixture.ask("SELECT created_at FROM spawns") == "2026-01-02 00:55:49.253550");
}

TEST_CASE("spawns: the end is read back with every field, without pid and plan") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, row);
    spawns::insertPlan(session, row.uuid, "plan");
    spawns::markRunning(session, row.uuid, 1, 4711, wallNow());
  });
  CHECK(get(fixture.database, row.uuid).pid == 4711);
  const SpawnEnd end = sampleEnd();
  CHECK(finish(fixture.database, row.uuid, end));
  const SpawnRow found = get(fixture.database, row.uuid);
  checkRequest(found, row);
  CHECK(found.status == "failed");
  CHECK(found.attempt == 1);
  CHECK_FALSE(found.pid);
  REQUIRE(found.end);
  checkEnd(*found.end, end);
  CHECK(fixture.ask("SELECT count(*) FROM spawn_plans") == "0");
}

TEST_CASE("spawns: an end without exit code, signal, reason and files is read back so") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  add(fixture.database, row);
  SpawnEnd end;
  end.status = spawn_status::kInterrupted;
  end.outcome = "interrupted";
  end.ended_at = wallFromMicros(1'767'315'350'000'002);
  CHECK(finish(fixture.database, row.uuid, end));
  checkEnd(*get(fixture.database, row.uuid).end, end);
  CHECK(fixture.ask("SELECT count(*) FROM spawns WHERE started_at IS NULL AND ended_at IS NOT NULL "
                    "AND exit_code IS NULL AND signal IS NULL AND reason IS NULL AND stdout_file IS NULL "
                    "AND stdout = '' AND stdout_raw IS NULL") == "1");
}

TEST_CASE("spawns: output of any bytes is read back exactly, and shown as text in SQL") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  add(fixture.database, row);
  SpawnEnd end = sampleEnd();
  end.out = std::string("a\0b\\c\xff\n", 7);
  end.err.clear();
  for (int byte = 0; byte < 256; ++byte) end.err += static_cast<char>(byte);
  CHECK(finish(fixture.database, row.uuid, end));
  checkEnd(*get(fixture.database, row.uuid).end, end);
  CHECK(fixture.ask("SELECT stdout FROM spawns") == "a\\x00b\\\\c\\xff\n");
  CHECK(fixture.ask("SELECT length(stdout_raw) FROM spawns") == "7");
}

TEST_CASE("spawns: a large output is kept whole") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  add(fixture.database, row);
  SpawnEnd end = sampleEnd();
  end.out = std::string(1 << 20, 'x') + "ñ";
  end.err = std::string(1 << 20, '\xfe');
  CHECK(finish(fixture.database, row.uuid, end));
  CHECK(get(fixture.database, row.uuid).end->out == end.out);
  CHECK(get(fixture.database, row.uuid).end->err == end.err);
}

TEST_CASE("spawns: a row ends once") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  add(fixture.database, row);
  CHECK(finish(fixture.database, row.uuid, sampleEnd()));
  SpawnEnd later = sampleEnd();
  later.status = spawn_status::kCompleted;
  CHECK_FALSE(finish(fixture.database, row.uuid, later));
  CHECK_FALSE(finish(fixture.database, newUuid(), later));
  CHECK(get(fixture.database, row.uuid).status == "failed");
}

TEST_CASE("spawns: a late report of running does not revive an ended row") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  add(fixture.database, row);
  finish(fixture.database, row.uuid, sampleEnd());
  fixture.database.commit([&](WriteSession& session) {
    spawns::markRunning(session, row.uuid, 1, 4711, wallNow());
    spawns::markPending(session, row.uuid);
  });
  CHECK(get(fixture.database, row.uuid).status == "failed");
  CHECK_FALSE(get(fixture.database, row.uuid).pid);
}

TEST_CASE("spawns: running without a pid yet, then with it, then back to pending") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  const AttemptRow attempt = sampleAttempt(row.uuid);
  const auto started = wallFromMicros(1'767'315'349'300'001);
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, row);
    attempts::insert(session, attempt);
    spawns::markRunning(session, row.uuid, 1, std::nullopt, std::nullopt);
  });
  CHECK(get(fixture.database, row.uuid).status == "running");
  CHECK_FALSE(get(fixture.database, row.uuid).pid);
  fixture.database.commit([&](WriteSession& s) { spawns::markRunning(s, row.uuid, 1, 4711, started); });
  CHECK(get(fixture.database, row.uuid).started_at == started);
  fixture.database.commit([&](WriteSession& session) {
    attempts::remove(session, row.uuid, attempt.nonce);
    spawns::markPending(session, row.uuid);
  });
  const SpawnRow found = get(fixture.database, row.uuid);
  CHECK(found.status == "pending");
  CHECK(found.attempt == 0);
  CHECK_FALSE(found.pid);
}

TEST_CASE("spawns: a taken name or uuid is a conflict and leaves no row") {
  Fixture fixture;
  const SpawnRow first = sampleSpawn();
  add(fixture.database, first);
  SpawnRow second = sampleSpawn();
  SECTION("name") {
    second.name = first.name;
  }
  SECTION("uuid") {
    second.uuid = first.uuid;
  }
  try {
    add(fixture.database, second);
    FAIL("accepted");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kConflict);
  }
  CHECK(fixture.ask("SELECT count(*) FROM spawns") == "1");
}

TEST_CASE("spawns: plans are any bytes, up to megabytes") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  std::string encoded("{\0\xff", 3);
  encoded.resize(8 << 20, 'p');
  fixture.database.commit([&](WriteSession& session) {
    spawns::insert(session, row);
    spawns::insertPlan(session, row.uuid, encoded);
  });
  CHECK(fixture.database.read([&](ReadSession& s) { return spawns::plan(s, row.uuid); }) == encoded);
  CHECK_FALSE(fixture.database.read([&](ReadSession& s) { return spawns::plan(s, newUuid()); }));
}

TEST_CASE("spawns: a plan of a spawn that is not there is refused") {
  Fixture fixture;
  CHECK_THROWS_AS(fixture.database.commit([](WriteSession& s) { spawns::insertPlan(s, newUuid(), "plan"); }),
                  Error);
}

TEST_CASE("spawns: lists are newest first and bounded") {
  Fixture fixture;
  std::vector<std::string> uuids;
  for (int i = 0; i < 5; ++i) {
    SpawnRow row = sampleSpawn();
    if (i != 2) row.correlation_id = "shared";
    add(fixture.database, row);
    uuids.push_back(row.uuid);
  }
  const auto newest = fixture.database.read([](ReadSession& s) { return spawns::newest(s, 2); });
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].uuid == uuids[4]);
  CHECK(newest[1].uuid == uuids[3]);
  const auto shared =
      fixture.database.read([](ReadSession& s) { return spawns::byCorrelationId(s, "shared", 3); });
  REQUIRE(shared.size() == 3);
  CHECK(shared[0].uuid == uuids[4]);
  CHECK(shared[2].uuid == uuids[1]);
}

TEST_CASE("spawns: unfinished rows are this host's own, oldest first") {
  Fixture fixture;
  const SpawnRow pending = sampleSpawn();
  const SpawnRow running = sampleSpawn();
  const SpawnRow ended = sampleSpawn();
  SpawnRow elsewhere = sampleSpawn();
  elsewhere.host_id = "host-2";
  for (const auto& row : {pending, running, ended, elsewhere}) {
    add(fixture.database, row);
    fixture.database.commit([&](WriteSession& s) { spawns::insertPlan(s, row.uuid, "plan"); });
  }
  finish(fixture.database, ended.uuid, sampleEnd());
  fixture.database.commit([&](WriteSession& s) { spawns::markRunning(s, running.uuid, 1, 4711, wallNow()); });
  const auto rows = fixture.database.read([](ReadSession& s) { return spawns::unfinished(s, "host-1"); });
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].uuid == pending.uuid);
  CHECK(rows[1].uuid == running.uuid);
}

}  // namespace vx11::store::test
