// Signals: a stop drains, and what runs is left to the spawner.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <future>

#include "catch.hpp"
#include "raw_client.hpp"
#include "setting.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kStopDeadline{6 * kSlowness};

bool runs(const Daemon& daemon, const std::string& spawn_id) {
  return SqliteReader(daemon.database())
             .value("SELECT count(*) FROM spawns WHERE name = '" + spawn_id + "' AND status = 'running'") ==
         "1";
}

// Stops a host that has a client in ?wait= and a running daughter.
void checkStop(int signal) {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const auto release = daemon.directory() / "release";
  const auto posted = daemon.http().post(
      "/vx11/spawn",
      spawnBody("shell", "until [ -e '" + release.string() + "' ]; do sleep 0.05; done; echo survived"));
  const auto spawn_id = posted.text("spawn_id");
  REQUIRE(eventually([&] { return runs(daemon, spawn_id); }));
  auto waiting = std::async(std::launch::async, [http = daemon.http(), spawn_id] {
    return http.get("/vx11/result/" + spawn_id + "?wait=60");
  });
  // The host says how many requests it is in only by its silence: give the request the time to arrive.
  CHECK(waiting.wait_for(std::chrono::milliseconds(300 * kSlowness)) == std::future_status::timeout);

  const auto spawner = daemon.spawnerPid();
  const auto began = Clock::now();
  kill(daemon.pid(), signal);
  REQUIRE(eventually([&] { return !daemon.running(); }));
  CHECK(Clock::now() - began < kStopDeadline);
  CHECK(daemon.terminate() == 0);  // the status of the one that has ended

  const auto answer = waiting.get();
  CHECK(answer.status == 200);
  CHECK(answer.text("status") == "RUNNING");
  CHECK_THAT(daemon.log(), Contains("event=task.left_running") && Contains(spawn_id));
  CHECK(ownerOf(spawner) == ownerOf(getpid()));  // it lives

  daemon.start();
  writeFile(release, "");
  const auto result = daemon.http().get("/vx11/result/" + spawn_id + "?wait=60");
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("stdout") == "survived\n");
  CHECK(daemon.spawnerPid() == spawner);
}

}  // namespace

TEST_CASE(
    "stop: SIGTERM answers who waits, leaves daughters to the spawner, names them, and exits 0 in time") {
  checkStop(SIGTERM);
}

TEST_CASE("stop: SIGINT is as polite as SIGTERM") {
  checkStop(SIGINT);
}

TEST_CASE("stop: SIGHUP does not stop the host") {
  Daemon daemon;
  daemon.start();
  kill(daemon.pid(), SIGHUP);
  kill(daemon.pid(), SIGHUP);
  CHECK(daemon.http().get("/health").status == 200);
  CHECK(daemon.terminate() == 0);
  CHECK_THAT(daemon.log(), Contains("event=host.stopping signal=15"));
}

TEST_CASE("stop: idle, silent and half-way connections do not hold up the end") {
  Daemon daemon;
  daemon.start();
  RawClient used(daemon.port());
  REQUIRE(used.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  CHECK(used.readAnswer().status == 200);
  RawClient silent(daemon.port());
  RawClient half_way(daemon.port());
  REQUIRE(half_way.send("POST /vx11/spawn HTTP/1.1\r\nHost: localh"));
  const auto began = Clock::now();
  CHECK(daemon.terminate() == 0);
  CHECK(Clock::now() - began < kStopDeadline);
  CHECK(used.closedWithin(kDeadline));
}

TEST_CASE("stop: a plugin that never returns cannot keep the host, and nothing is lost") {
  Daemon daemon({{"interpreter.fixture.program", "/bin/true"}});
  const auto plugins = daemon.directory() / "plugins";
  std::filesystem::create_directory(plugins);
  copyForEverybody(VX11_FIXTURE_PLUGIN, plugins / "fixture.so");
  daemon.set("plugins.path", plugins.string() + ":" VX11_PLUGIN_DIRECTORY);
  daemon.start();
  daemon.openWindow("spawner");
  auto hanging = std::async(std::launch::async, [http = daemon.http()] {
    try {
      http.post("/vx11/spawn", spawnBody("fixture", "hang"));
      return std::string("an answer");
    } catch (const std::exception&) {
      return std::string("cut");
    }
  });
  // Not REQUIRE: the host must be ended below in any case, or the client above waits for long.
  CHECK(eventually([&] { return daemon.log().find("hangs from now on") != std::string::npos; }));
  const auto release = daemon.directory() / "release";
  const auto id = daemon.http()
                      .post("/vx11/spawn", spawnBody("shell", "until [ -e '" + release.string() +
                                                                  "' ]; do sleep 0.05; done; echo kept"))
                      .text("spawn_id");
  CHECK(eventually([&] { return runs(daemon, id); }));
  CHECK(daemon.terminate() == 1);
  CHECK_THAT(daemon.log(), Contains("event=host.stop_forced"));
  CHECK(hanging.get() == "cut");
  daemon.start();
  writeFile(release, "");
  CHECK(daemon.http().get("/vx11/result/" + id + "?wait=60").text("stdout") == "kept\n");
}
