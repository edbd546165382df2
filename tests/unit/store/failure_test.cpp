// A lock of another process, a full disk: a clear error, nothing half-written, and work again afterwards.
#include <sys/wait.h>

#include <latch>

#include "base/error.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

std::string storageErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kStorage);
    return e.what();
  }
  FAIL("nothing was thrown");
  return {};
}

void accept(WriteSession& session, const SpawnRow& row, size_t plan_bytes = 10) {
  spawns::insert(session, row);
  spawns::insertPlan(session, row.uuid, std::string(plan_bytes, 'p'));
}

}  // namespace

TEST_CASE("failure: a lock held longer than the busy timeout is an error, and passes") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  Database database({.file = file, .busy_timeout = std::chrono::milliseconds(100)});
  Process other({VX11_STORE_PROBE, "lock", file.string()});
  REQUIRE(other.readLine() == "locked");
  const std::string sentence =
      storageErrorOf([&] { database.commit([](WriteSession& s) { accept(s, sampleSpawn()); }); });
  CHECK(sentence.find(file.string()) != std::string::npos);
  CHECK(sentence.find("locked by another process") != std::string::npos);
  // Reading goes on under the lock.
  CHECK(database.read([](ReadSession& session) { return spawns::newest(session, 1).empty(); }));
  other.closeInput();
  CHECK(other.readLine() == "unlocked");
  database.commit([](WriteSession& s) { accept(s, sampleSpawn()); });
  CHECK(database.read([](ReadSession& session) { return spawns::newest(session, 9).size(); }) == 1);
}

TEST_CASE("failure: a lock that goes in time is waited for") {
  Fixture fixture;
  Process other({VX11_STORE_PROBE, "lock", fixture.file.string()});
  REQUIRE(other.readLine() == "locked");
  std::latch done(1);
  std::exception_ptr error;
  fixture.database.submit([](WriteSession& s) { accept(s, sampleSpawn()); },
                          [&](std::exception_ptr e) {
                            error = std::move(e);
                            done.count_down();
                          });
  other.closeInput();
  done.wait();
  CHECK_FALSE(error);
}

TEST_CASE("failure: a queue behind a lock waits for it once, not once a job") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  constexpr auto kTimeout = std::chrono::milliseconds(300);
  Database database({.file = file, .busy_timeout = kTimeout});
  Process other({VX11_STORE_PROBE, "lock", file.string()});
  REQUIRE(other.readLine() == "locked");
  const auto started = std::chrono::steady_clock::now();
  std::latch done(50);
  std::atomic<int> failed = 0;
  for (int i = 0; i < 50; ++i) {
    database.submit([](WriteSession& s) { accept(s, sampleSpawn()); },
                    [&](std::exception_ptr e) {
                      failed += e ? 1 : 0;
                      done.count_down();
                    });
  }
  done.wait();
  CHECK(failed == 50);
  CHECK(std::chrono::steady_clock::now() - started < 20 * kTimeout);
}

TEST_CASE("failure: a full database refuses, keeps what it has, and goes on when there is space") {
  Fixture fixture;
  const auto setLimit = [&](const std::string& pages) {
    fixture.database.commit([&](WriteSession& s) { s.ask("PRAGMA max_page_count=" + pages); });
  };
  const SpawnRow kept = sampleSpawn();
  fixture.database.commit([&](WriteSession& s) { accept(s, kept); });
  setLimit(fixture.ask("PRAGMA page_count"));
  const std::string sentence = storageErrorOf(
      [&] { fixture.database.commit([](WriteSession& s) { accept(s, sampleSpawn(), 1 << 20); }); });
  CHECK(sentence.find("Free some space") != std::string::npos);
  // Deleting and reading still work.
  CHECK(fixture.database.read([&](ReadSession& s) { return spawns::byUuid(s, kept.uuid); }));
  fixture.database.commit([&](WriteSession& s) { CHECK(spawns::finish(s, kept.uuid, sampleEnd())); });
  setLimit("1000000");
  fixture.database.commit([](WriteSession& s) { accept(s, sampleSpawn(), 1 << 20); });
  CHECK(fixture.ask("SELECT count(*) FROM spawns") == "2");
  CHECK(fixture.ask("PRAGMA integrity_check") == "ok");
}

TEST_CASE("failure: in a group only the job that does not fit fails") {
  Fixture fixture;
  fixture.database.commit([&](WriteSession& s) {
    s.ask("PRAGMA max_page_count=" + std::to_string(std::stoi(s.ask("PRAGMA page_count")) + 20));
  });
  std::latch entered(1);
  std::latch release(1);
  fixture.database.submit(
      [&](WriteSession&) {
        entered.count_down();
        release.wait();
      },
      nullptr);
  entered.wait();
  std::vector<int> failed;
  for (int i = 0; i < 5; ++i) {
    fixture.database.submit([i](WriteSession& s) { accept(s, sampleSpawn(), i == 2 ? 1 << 20 : 10); },
                            [&failed, i](std::exception_ptr e) {
                              if (e) failed.push_back(i);
                            });
  }
  release.count_down();
  fixture.database.flush();
  CHECK(failed == std::vector<int>{2});
  CHECK(fixture.ask("SELECT count(*) FROM spawns") == "4");
}

TEST_CASE("failure: a limit on file sizes is an error, and passes") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  { Database made({.file = file}); }
  Process small({VX11_STORE_PROBE, "small", file.string(), "1000000"});
  const std::string sentence = small.readLine();
  CHECK(sentence.rfind("storage: ", 0) == 0);
  CHECK(sentence.find(file.string()) != std::string::npos);
  CHECK(sentence.find("limit on file sizes") != std::string::npos);
  const std::string committed = small.readLine();
  CHECK(small.wait() == 0);
  Database database({.file = file});
  database.read([&](ReadSession& session) {
    CHECK(session.ask("SELECT count(*) FROM spawns") == committed);
    CHECK(session.ask("PRAGMA integrity_check") == "ok");
  });
}

}  // namespace vx11::store::test
