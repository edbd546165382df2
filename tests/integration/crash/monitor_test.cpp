// A spawner of root's comes back by itself: the host may have given up the rights to start one like it.
#include <signal.h>
#include <unistd.h>

#include "catch.hpp"
#include "not_shown_here.hpp"
#include "scene.hpp"
#include "spawner_processes.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("crash: a spawner of root's that is killed comes back by itself, also while no host is there") {
  if (geteuid() != 0) return notShownHere("needs root");
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto id = post(daemon, ground.sign() + "(setsid sleep 61 &); " + ground.waitFor("never"));
  const auto daughter = runningPid(daemon, id);
  REQUIRE(eventually([&] { return ground.ledger().size() == 1; }));
  daemon.kill9();
  pid_t spawner = daemon.spawnerPid();
  for (int i = 0; i < 3; ++i) {
    kill(spawner, SIGKILL);
    REQUIRE(eventually([&] {
      const auto all = spawnersOf(daemon.spawnerSocket());
      return all.size() == 1 && all.front() != spawner;
    }));
    spawner = daemon.spawnerPid();
  }
  CHECK(eventually([&] { return !alive(daughter); }));
  daemon.start();
  CHECK(daemon.spawnerPid() == spawner);
  const auto result = finished(daemon, id);
  CHECK(result.text("outcome") == "interrupted");
  CHECK(ground.ledger().size() == 1);
  CHECK(finished(daemon, post(daemon, "echo new")).text("stdout") == "new\n");
  checkNothingStuck(daemon);
}

TEST_CASE("crash: a spawner that was told to end is not brought back, and its monitor goes with it") {
  if (geteuid() != 0) return notShownHere("needs root");
  Daemon daemon;
  daemon.start();
  daemon.kill9();
  REQUIRE(monitorsOf(daemon.spawnerSocket()).size() == 1);
  // Whichever of the two is told.
  const bool tell_monitor = GENERATE(false, true);
  kill(tell_monitor ? monitorsOf(daemon.spawnerSocket()).front() : daemon.spawnerPid(), SIGTERM);
  CHECK(eventually([&] {
    return monitorsOf(daemon.spawnerSocket()).empty() && spawnersOf(daemon.spawnerSocket()).empty();
  }));
}

TEST_CASE("crash: without its monitor a spawner goes on, and vx11d replaces it once it is gone") {
  if (geteuid() != 0) return notShownHere("needs root");
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const auto spawner = daemon.spawnerPid();
  REQUIRE(monitorsOf(daemon.spawnerSocket()).size() == 1);
  kill(monitorsOf(daemon.spawnerSocket()).front(), SIGKILL);
  CHECK(finished(daemon, post(daemon, "echo goes on")).text("stdout") == "goes on\n");
  CHECK(daemon.spawnerPid() == spawner);
  kill(spawner, SIGKILL);
  // One that is not known to be gone may be sent the task, which then counts as started, and so as
  // interrupted.
  REQUIRE(eventually([&] { return daemon.log().find("event=spawner.disconnected") != std::string::npos; }));
  const auto result = finished(daemon, post(daemon, "echo replaced"));
  INFO(result.body << daemon.log());
  CHECK(result.text("stdout") == "replaced\n");
  CHECK(daemon.spawnerPid() != spawner);
  CHECK(eventually([&] { return monitorsOf(daemon.spawnerSocket()).size() == 1; }));
}
