// Another release of vx11d takes over while tasks run: the spawner of the former one is still there.
#include "catch.hpp"
#include "scene.hpp"
#include "spawner/protocol.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

std::filesystem::path ofNextRelease(const std::filesystem::path& program) {
  return program.parent_path() / "next" / program.filename();
}

}  // namespace

TEST_CASE("crash: another release of vx11d takes over from this one with tasks running, and back") {
  const bool spawner_is_newer = GENERATE(false, true);
  const bool killed = GENERATE(false, true);
  Daemon daemon({{"tasks.max_running", "2"}});
  const auto ours = daemon.binary();
  const auto next = ofNextRelease(ours);
  daemon.setBinary(spawner_is_newer ? next : ours);
  if (spawner_is_newer) daemon.set("spawner.binary", ofNextRelease(daemon.setting("spawner.binary")));
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto runs_on = post(daemon, ground.sign() + "echo before; " + ground.waitFor("late") + "echo after");
  const auto ends_between = post(daemon, ground.sign() + ground.waitFor("early") + "printf gone >&2; exit 3");
  const auto waits = post(daemon, ground.sign() + "echo waited");
  runningPid(daemon, runs_on);
  const auto pid = runningPid(daemon, ends_between);
  const auto spawner = daemon.spawnerPid();
  if (killed)
    daemon.kill9();
  else
    daemon.terminate();
  ground.release("early");
  REQUIRE(eventually([&] { return !alive(pid); }));

  daemon.setBinary(spawner_is_newer ? ours : next);
  daemon.start();
  CHECK(daemon.spawnerPid() == spawner);
  CHECK(finished(daemon, waits).text("stdout") == "waited\n");
  const auto between = finished(daemon, ends_between);
  CHECK(between.text("exit_code") == "3");
  CHECK(between.text("stderr") == "gone");
  ground.release("late");
  const auto result = finished(daemon, runs_on);
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("stdout") == "before\nafter\n");
  CHECK(result.text("attempt") == "1");
  CHECK(ground.ledger().size() == 3);
  checkNothingStuck(daemon);
  // The newest that both speak: each with its like and with the other.
  const auto log = readFile(daemon.stateDirectory() / "vx11-spawner.log");
  const int spoken = vx11::spawner::spokenVersions().newest;
  const auto version = [](int number) { return Contains(" version=" + std::to_string(number) + "\n"); };
  CHECK_THAT(log, Contains("event=host.connected") && version(spoken));
  if (spawner_is_newer) CHECK_THAT(log, version(spoken + 1));
}
