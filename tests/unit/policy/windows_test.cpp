#include "policy/windows.hpp"

#include <atomic>
#include <condition_variable>

#include "base/error.hpp"
#include "catch.hpp"
#include "store/database.hpp"
#include "temp_directory.hpp"

using namespace vx11;
using policy::WindowClock;
using policy::Windows;

namespace {

constexpr int64_t kSecond = 1'000'000'000;

// A clock that a test moves: wall time and boot time apart, as on a machine whose clock is set.
struct MovedClock {
  std::atomic<int64_t> wall_us{1'800'000'000'000'000};
  std::atomic<int64_t> boot_ns{1000 * kSecond};
  std::string boot = "boot-1";

  WindowClock clock() {
    return {[this] { return wallFromMicros(wall_us); }, [this] { return boot_ns.load(); },
            [this] { return boot; }};
  }
  void pass(int64_t seconds) {
    wall_us += seconds * 1'000'000;
    boot_ns += seconds * kSecond;
  }
};

struct Fixture {
  test::TempDirectory directory;
  store::Database database{{.file = directory.path() / "vx11.db"}};
  MovedClock time;

  std::vector<store::AuditRow> audit() {
    database.flush();
    return database.read([](store::ReadSession& session) { return store::audit::newest(session, 20); });
  }
};

}  // namespace

TEST_CASE("windows: all are closed at first") {
  Fixture f;
  const Windows windows(f.database, {}, {}, f.time.clock());
  for (const auto& state : windows.all()) {
    CHECK_FALSE(state.is_open);
    CHECK_FALSE(state.opened_at);
  }
}

TEST_CASE("windows: one that was opened closes by itself when its time is over") {
  Fixture f;
  Windows windows(f.database, {}, {}, f.time.clock());
  const auto opened = windows.open("spawner", 60, "test", "cid-1");
  CHECK(opened.is_open);
  CHECK(opened.ttl_remaining_seconds == 60);
  f.time.pass(59);
  CHECK(windows.isOpen("spawner"));
  f.time.pass(1);
  CHECK_FALSE(windows.isOpen("spawner"));
  CHECK_FALSE(windows.isOpen("switch"));
}

TEST_CASE("windows: opening again replaces the deadline") {
  Fixture f;
  Windows windows(f.database, {}, {}, f.time.clock());
  const auto first = windows.open("hermes", 3600, "", "a");
  const auto second = windows.open("hermes", 10, "", "b");
  CHECK(second.window_id != first.window_id);
  f.time.pass(11);
  CHECK_FALSE(windows.isOpen("hermes"));
}

TEST_CASE("windows: closing says whether it was open, and a closed one may be closed again") {
  Fixture f;
  Windows windows(f.database, {}, {}, f.time.clock());
  windows.open("spawner", 60, "", "a");
  CHECK(windows.close("spawner", "done", "b"));
  CHECK_FALSE(windows.close("spawner", "done", "c"));
  CHECK_FALSE(windows.isOpen("spawner"));
}

TEST_CASE("windows: a restart changes none of them") {
  Fixture f;
  {
    Windows windows(f.database, {}, {}, f.time.clock());
    windows.open("spawner", 100, "", "a");
    windows.open("switch", 100, "", "a");
    windows.close("switch", "", "a");
  }
  f.time.pass(40);
  const Windows windows(f.database, {}, {}, f.time.clock());
  CHECK(windows.state("spawner").ttl_remaining_seconds == 60);
  CHECK_FALSE(windows.isOpen("switch"));
}

TEST_CASE("windows: setting the clock opens nothing and keeps nothing open") {
  Fixture f;
  {
    Windows windows(f.database, {}, {}, f.time.clock());
    windows.open("spawner", 100, "", "a");
    f.time.wall_us -= 86'400'000'000;  // a day back
    f.time.boot_ns += 101 * kSecond;
    CHECK_FALSE(windows.isOpen("spawner"));
  }
  const Windows windows(f.database, {}, {}, f.time.clock());
  CHECK_FALSE(windows.isOpen("spawner"));
}

TEST_CASE("windows: after a reboot the wall clock decides, and one that went back proves nothing") {
  Fixture f;
  {
    Windows windows(f.database, {}, {}, f.time.clock());
    windows.open("spawner", 100, "", "a");
  }
  f.time.boot = "boot-2";
  f.time.boot_ns = 5 * kSecond;
  SECTION("time went on: the rest of the window is left") {
    f.time.wall_us += 30'000'000;
    const Windows windows(f.database, {}, {}, f.time.clock());
    CHECK(windows.state("spawner").ttl_remaining_seconds == 70);
  }
  SECTION("the window is over") {
    f.time.wall_us += 100'000'000;
    const Windows windows(f.database, {}, {}, f.time.clock());
    CHECK_FALSE(windows.isOpen("spawner"));
  }
  SECTION("the clock stands before the opening") {
    f.time.wall_us -= 1'000'000;
    const Windows windows(f.database, {}, {}, f.time.clock());
    CHECK_FALSE(windows.isOpen("spawner"));
  }
}

TEST_CASE("windows: every change is in the audit log") {
  Fixture f;
  Windows windows(f.database, {}, {}, f.time.clock());
  windows.open("spawner", 60, "for the report", "cid-1");
  windows.recordDenial("switch", "POST /vx11/intent", "cid-2");
  windows.close("spawner", "done", "cid-3");
  const auto rows = f.audit();
  REQUIRE(rows.size() == 3);
  CHECK(rows[2].action == "window_opened");
  CHECK(rows[2].subject == "spawner");
  CHECK(rows[2].correlation_id == "cid-1");
  CHECK(rows[1].action == "denied");
  CHECK(rows[0].action == "window_closed");
}

TEST_CASE("windows: expiry calls back and is audited without anybody asking") {
  Fixture f;
  std::mutex mutex;
  std::condition_variable called;
  std::string closed;
  // The real clock: what is tested is that the thread wakes by itself.
  Windows windows(f.database, {}, [&](const std::string& target) {
    const std::lock_guard lock(mutex);
    closed = target;
    called.notify_all();
  });
  windows.open("spawner", 1, "", "a");
  std::unique_lock lock(mutex);
  REQUIRE(called.wait_for(lock, std::chrono::seconds(30), [&] { return closed == "spawner"; }));
  lock.unlock();
  CHECK(f.audit().front().action == "window_expired");
}

TEST_CASE("windows: a standing window is open without end, audited, and closed only by the configuration") {
  Fixture f;
  Windows windows(f.database, {"spawner"}, {}, f.time.clock());
  CHECK(windows.isOpen("spawner"));
  windows.close("spawner", "", "a");
  CHECK(windows.isOpen("spawner"));
  CHECK(f.audit().back().action == "standing_window");
}

TEST_CASE("windows: an unknown target or a ttl out of range is refused by name") {
  Fixture f;
  Windows windows(f.database, {}, {}, f.time.clock());
  CHECK_THROWS_AS(windows.open("door", 60, "", "a"), Error);
  CHECK_THROWS_AS(windows.open("spawner", 0, "", "a"), Error);
  CHECK_THROWS_AS(windows.open("spawner", 3601, "", "a"), Error);
  CHECK_THROWS_AS(windows.state("door"), Error);
}
