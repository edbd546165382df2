// What Database promises about commits: groups, order, isolation of failures, lazy jobs.
#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "base/error.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

// Holds the writer inside a transaction until it is let go, so that jobs queue up behind it.
class HeldWriter {
 public:
  explicit HeldWriter(Database& database) : database_(database) {
    database_.submit(
        [this](WriteSession&) {
          entered_.count_down();
          release_.wait();
        },
        nullptr);
    entered_.wait();
  }
  ~HeldWriter() {
    release();
    database_.flush();
  }
  void release() {
    if (!std::exchange(released_, true)) release_.count_down();
  }

 private:
  Database& database_;
  std::latch entered_{1};
  std::latch release_{1};
  bool released_ = false;
};

void insertEvent(WriteSession& session, const std::string& trace_id) {
  evidence::insertRoutingEvent(session, sampleEvent(trace_id));
}

}  // namespace

TEST_CASE("commit: what is queued is committed as one group") {
  Fixture fixture;
  const uint64_t before = fixture.database.commits();
  std::atomic<int> done = 0;
  {
    HeldWriter held(fixture.database);
    for (int i = 0; i < 100; ++i) {
      fixture.database.submit([i](WriteSession& s) { insertEvent(s, std::to_string(i)); },
                              [&](std::exception_ptr e) { done += e ? 0 : 1; });
    }
    CHECK(fixture.database.queued() == 100);
    CHECK(done == 0);
  }
  CHECK(done == 100);
  CHECK(fixture.ask("SELECT count(*) FROM routing_events") == "100");
  // The held one, the group, and the flush.
  CHECK(fixture.database.commits() - before <= 3);
}

TEST_CASE("commit: threads that commit at once share transactions") {
  Fixture fixture;
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  const uint64_t before = fixture.database.commits();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          fixture.database.commit([](WriteSession& session) { insertEvent(session, "cid"); });
        }
      });
    }
  }
  CHECK(fixture.ask("SELECT count(*) FROM routing_events") == std::to_string(kThreads * kEach));
  CHECK(fixture.database.commits() - before < kThreads * kEach);
}

TEST_CASE("commit: a large backlog is not one endless transaction") {
  Fixture fixture;
  const uint64_t before = fixture.database.commits();
  {
    HeldWriter held(fixture.database);
    for (int i = 0; i < 2000; ++i) {
      fixture.database.submit([](WriteSession& s) { insertEvent(s, "cid"); }, nullptr);
    }
  }
  CHECK(fixture.ask("SELECT count(*) FROM routing_events") == "2000");
  CHECK(fixture.database.commits() - before >= 5);
}

TEST_CASE("commit: jobs run in the order of their submission, lazy or not") {
  Fixture fixture;
  std::vector<int> done;
  {
    HeldWriter held(fixture.database);
    for (int i = 0; i < 20; ++i) {
      fixture.database.submit([i](WriteSession& s) { insertEvent(s, std::to_string(i)); },
                              [&done, i](std::exception_ptr) { done.push_back(i); },
                              i % 3 == 0 ? Urgency::kLazy : Urgency::kNow);
    }
  }
  std::string order;
  std::string expected;
  fixture.database.read([&](ReadSession& session) {
    session.query("SELECT trace_id FROM routing_events ORDER BY id", {},
                  [&](Row& row) { order += row.text() + " "; });
  });
  for (int i = 0; i < 20; ++i) expected += std::to_string(i) + " ";
  CHECK(order == expected);
  CHECK(std::is_sorted(done.begin(), done.end()));
}

TEST_CASE("commit: the row is visible to readers when commit() returns") {
  Fixture fixture;
  const SpawnRow row = sampleSpawn();
  fixture.database.commit([&](WriteSession& session) { spawns::insert(session, row); });
  CHECK(fixture.database.read([&](ReadSession& session) { return spawns::byUuid(session, row.uuid); }));
}

TEST_CASE("commit: a failing job fails alone, the others of its group are committed") {
  Fixture fixture;
  std::vector<int> failed;
  {
    HeldWriter held(fixture.database);
    for (int i = 0; i < 10; ++i) {
      fixture.database.submit(
          [i](WriteSession& session) {
            insertEvent(session, std::to_string(i));
            if (i == 3 || i == 7) throw Error(ErrorCode::kConflict, "taken");
          },
          [&failed, i](std::exception_ptr e) {
            if (e) failed.push_back(i);
          });
    }
  }
  CHECK(failed == std::vector<int>{3, 7});
  CHECK(fixture.ask("SELECT count(*) FROM routing_events") == "8");
  CHECK(fixture.ask("SELECT count(*) FROM routing_events WHERE trace_id IN ('3', '7')") == "0");
}

TEST_CASE("commit: what a job throws arrives at its caller, and nothing of it is kept") {
  Fixture fixture;
  struct Own {
    int number;
  };
  try {
    fixture.database.commit([](WriteSession& session) {
      insertEvent(session, "cid");
      throw Own{42};
    });
    FAIL("returned");
  } catch (const Own& own) {
    CHECK(own.number == 42);
  }
  fixture.database.commit([](WriteSession& session) { insertEvent(session, "next"); });
  CHECK(fixture.ask("SELECT group_concat(trace_id) FROM routing_events") == "next");
}

TEST_CASE("commit: lazy jobs ride along with the next urgent one") {
  TempDir directory;
  Database database({.file = directory.path() / "vx11.db", .lazy_delay = std::chrono::hours(1)});
  const uint64_t before = database.commits();
  std::atomic<int> done = 0;
  for (int i = 0; i < 10; ++i) {
    database.submit([](WriteSession& s) { insertEvent(s, "lazy"); }, [&](std::exception_ptr) { ++done; },
                    Urgency::kLazy);
  }
  CHECK(done == 0);
  database.commit([](WriteSession& session) { insertEvent(session, "now"); });
  CHECK(done == 10);
  CHECK(database.commits() - before == 1);
}

TEST_CASE("commit: lazy jobs are committed by themselves after the delay, together") {
  TempDir directory;
  Database database({.file = directory.path() / "vx11.db", .lazy_delay = std::chrono::milliseconds(50)});
  const uint64_t before = database.commits();
  std::latch done(5);
  HeldWriter held(database);
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    database.submit([](WriteSession& s) { insertEvent(s, "lazy"); },
                    [&](std::exception_ptr) { done.count_down(); }, Urgency::kLazy);
  }
  held.release();
  done.wait();
  CHECK(std::chrono::steady_clock::now() - started >= std::chrono::milliseconds(50));
  CHECK(database.commits() - before == 2);  // the held one, and theirs
}

TEST_CASE("commit: flush returns when lazy jobs are committed too") {
  TempDir directory;
  Database database({.file = directory.path() / "vx11.db", .lazy_delay = std::chrono::hours(1)});
  std::atomic<bool> done = false;
  database.submit([](WriteSession& s) { insertEvent(s, "lazy"); }, [&](std::exception_ptr) { done = true; },
                  Urgency::kLazy);
  database.flush();
  CHECK(done);
  CHECK(database.queued() == 0);
}

TEST_CASE("commit: closing commits what is queued, lazy jobs too") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  {
    Database database({.file = file, .lazy_delay = std::chrono::hours(1)});
    for (int i = 0; i < 10; ++i) {
      database.submit([](WriteSession& s) { insertEvent(s, "cid"); }, nullptr,
                      i % 2 == 0 ? Urgency::kLazy : Urgency::kNow);
    }
  }
  CHECK(ReadSession(file, std::chrono::seconds(5)).ask("SELECT count(*) FROM routing_events") == "10");
}

TEST_CASE("commit: a Done that throws does not end the writer") {
  Fixture fixture;
  fixture.database.submit([](WriteSession&) {},
                          [](std::exception_ptr) { throw std::runtime_error("fault"); });
  fixture.database.commit([](WriteSession& session) { insertEvent(session, "cid"); });
  CHECK(fixture.ask("SELECT count(*) FROM routing_events") == "1");
}

}  // namespace vx11::store::test
