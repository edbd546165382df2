// Coming up: the READY line, the port, and who else is there already.
#include <algorithm>

#include "catch.hpp"
#include "setting.hpp"
#include "spawner_processes.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("start: READY with the real port is the only line on stdout, from start to end") {
  Daemon daemon;
  daemon.start();
  CHECK(daemon.port() != 0);
  daemon.openWindow("spawner");
  const auto answer = daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "echo to stdout"));
  CHECK(answer.text("status") == "DONE");
  CHECK(daemon.terminate() == 0);
  CHECK(daemon.printed() == "READY http://127.0.0.1:" + std::to_string(daemon.port()) + "\n");
}

TEST_CASE("start: a taken port is refused with one sentence, and no spawner is left behind") {
  Daemon first;
  first.start();
  Daemon second({{"http.port", std::to_string(first.port())}});
  const auto refusal = second.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains("port " + std::to_string(first.port())) && Contains("taken"));
  CHECK_THAT(refusal.err, Contains("vx11d: port "));
  CHECK(spawnersOf(second.spawnerSocket()).empty());
  CHECK(first.http().get("/health").status == 200);
}

TEST_CASE("start: a second vx11d on one state directory is refused with the pid of the first") {
  Daemon first;
  first.start();
  first.openWindow("spawner");
  Daemon second({{"state.directory", first.stateDirectory().string()},
                 {"spawner.socket", first.spawnerSocket().string()}});
  const auto refusal = second.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains(first.stateDirectory().string()) && Contains("in use by another vx11d") &&
                              Contains("pid " + std::to_string(first.pid())));
  CHECK(std::count(refusal.err.begin(), refusal.err.end(), '\n') == 1);
  // The first did not feel it.
  CHECK(first.http().post("/vx11/spawn?wait=60", spawnBody("shell", "true")).text("status") == "DONE");
}

TEST_CASE("start: an address that is not this machine's is refused with its key") {
  Daemon daemon({{"http.host", "192.0.2.1"}});
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err, Contains("http.host") && Contains("192.0.2.1"));
}
