// A cancellation that was answered holds, whoever is killed then.
#include <signal.h>

#include "catch.hpp"
#include "scene.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;

TEST_CASE(
    "crash: a task that was cancelled while its spawner hung ends as cancelled after kill -9 of the host") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto id = post(daemon, ground.waitFor("go"));
  const auto pid = runningPid(daemon, id);
  // Nobody who could be told to end it.
  const auto spawner = daemon.spawnerPid();
  kill(spawner, SIGSTOP);
  const auto answer = daemon.http().post("/vx11/spawns/" + id + "/cancel?wait=0", "");
  INFO(answer.body);
  CHECK(answer.text("status") == "RUNNING");
  daemon.kill9();
  CHECK(alive(pid));
  kill(spawner, SIGCONT);
  daemon.start();
  const auto result = finished(daemon, id);
  CHECK(result.text("outcome") == "cancelled");
  CHECK(result.text("reason") == "cancelled by a request");
  CHECK_FALSE(alive(pid));
  checkNothingStuck(daemon);
}
