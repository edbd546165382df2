#include <atomic>
#include <latch>
#include <thread>

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("read: one call sees one snapshot while the writer goes on") {
  Fixture fixture;
  const auto insert = [&](const std::string& trace_id) {
    fixture.database.commit([&](WriteSession& s) { evidence::insertRoutingEvent(s, sampleEvent(trace_id)); });
  };
  insert("first");
  fixture.database.read([&](ReadSession& session) {
    CHECK(evidence::newestRoutingEvents(session, 10).size() == 1);
    insert("second");
    CHECK(evidence::newestRoutingEvents(session, 10).size() == 1);
  });
  CHECK(fixture.database.read([](ReadSession& s) { return evidence::newestRoutingEvents(s, 10).size(); }) ==
        2);
}

TEST_CASE("read: more threads than sessions wait for one, and none fails") {
  TempDir directory;
  Database database({.file = directory.path() / "vx11.db", .readers = 2});
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          database.read([&](ReadSession& session) {
            const int now = ++inside;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
            }
            spawns::newest(session, 1);
            --inside;
          });
          ++served;
        }
      });
    }
  }
  CHECK(served == 400);
  CHECK(most <= 2);
}

TEST_CASE("read: a reader that throws gives its session back") {
  TempDir directory;
  Database database({.file = directory.path() / "vx11.db", .readers = 1});
  for (int i = 0; i < 3; ++i) {
    CHECK_THROWS_AS(database.read([](ReadSession&) { throw std::runtime_error("fault"); }),
                    std::runtime_error);
  }
  CHECK(database.read([](ReadSession& session) { return spawns::newest(session, 1).size(); }) == 0);
}

TEST_CASE("database: readers and writers at once see whole commits only") {
  Fixture fixture;
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::atomic<int> reads = 0;
  {
    std::vector<std::jthread> readers;
    for (int t = 0; t < 6; ++t) {
      readers.emplace_back([&] {
        do {
          fixture.database.read([&](ReadSession& session) {
            for (const SpawnRow& row : spawns::newest(session, 5)) {
              // The accepting commit holds the plan, the terminal one drops it and sets the end.
              const bool has_plan = spawns::plan(session, row.uuid).has_value();
              if (has_plan == row.end.has_value()) ++torn;
              if (!attempts::latest(session, row.uuid)) ++torn;
            }
          });
          ++reads;
        } while (!stop);
      });
    }
    {
      std::vector<std::jthread> writers;
      for (int t = 0; t < 4; ++t) {
        writers.emplace_back([&] {
          for (int i = 0; i < 40; ++i) {
            const SpawnRow row = sampleSpawn();
            const AttemptRow attempt = sampleAttempt(row.uuid);
            fixture.database.commit([&](WriteSession& session) {
              spawns::insert(session, row);
              spawns::insertPlan(session, row.uuid, "plan");
              attempts::insert(session, attempt);
            });
            fixture.database.submit(
                [uuid = row.uuid](WriteSession& s) { spawns::markRunning(s, uuid, 1, 4711, wallNow()); },
                nullptr, Urgency::kLazy);
            fixture.database.commit(
                [&](WriteSession& session) { spawns::finish(session, row.uuid, sampleEnd()); });
          }
        });
      }
    }
    stop = true;
  }
  CHECK(torn == 0);
  CHECK(reads >= 6);
  CHECK(fixture.ask("SELECT count(*) FROM spawns WHERE status = 'failed' AND pid IS NULL") == "160");
}

TEST_CASE("database: errors of many threads at once reach each its own caller") {
  Fixture fixture;
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const std::string own = std::to_string(t) + "/" + std::to_string(i);
          try {
            fixture.database.commit([&](WriteSession&) { throw std::runtime_error(own); });
          } catch (const std::runtime_error& e) {
            if (e.what() == own) ++right;
          }
        }
      });
    }
  }
  CHECK(right == 160);
}

}  // namespace vx11::store::test
