// The state directory: read-only, deep, made with the promised modes.
#include <sys/stat.h>
#include <unistd.h>

#include "catch.hpp"
#include "not_shown_here.hpp"
#include "setting.hpp"
#include "sqlite_reader.hpp"
#include "temp_directory.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

void runOneTask(Daemon& daemon) {
  daemon.openWindow("spawner");
  const auto answer = daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "echo one"));
  CHECK(answer.text("status") == "DONE");
  CHECK(answer.text("stdout") == "one\n");
}

}  // namespace

TEST_CASE("start: a state directory that this user may not write is refused with a sentence") {
  if (const auto why = whyNotAsNobody(); !why.empty()) return notShownHere(why);
  Daemon daemon;
  startAsNobody(daemon);
  REQUIRE(chmod(daemon.stateDirectory().c_str(), 0500) == 0);
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains("vx11d: the state directory " + daemon.stateDirectory().string()) &&
                              Contains("state.directory to one"));
}

TEST_CASE("start: a state directory in which others may write is refused with the command that mends it") {
  Daemon daemon;
  for (const mode_t mode : {0777, 0770}) {
    REQUIRE(chmod(daemon.stateDirectory().c_str(), mode) == 0);
    const auto refusal = daemon.runExpectingFailure();
    CHECK(refusal.exit_status == 1);
    CHECK_THAT(refusal.err, Contains(daemon.stateDirectory().string()) && Contains("chmod go-w"));
  }
}

TEST_CASE("start: a state directory on a read-only file system is refused with a sentence, for root too") {
  if (runCommand({"unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"}).exit_status != 0)
    return notShownHere("no private mounts are allowed");
  Daemon daemon;
  const auto state = daemon.stateDirectory().string();
  startThrough(daemon,
               "mount --bind '" + state + "' '" + state + "'\nmount -o remount,ro,bind '" + state + "'");
  const auto inner = daemon.directory() / "start";
  const auto outer = daemon.directory() / "outer";
  writeFile(outer, "#!/bin/sh\nexec unshare -m '" + inner.string() + "' \"$@\"\n", 0755);
  daemon.setBinary(outer);
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err,
             Contains("vx11d: the state directory " + state) && Contains("Read-only file system"));
}

TEST_CASE("start: a state directory that cannot be made is refused") {
  Daemon daemon;
  writeFile(daemon.directory() / "file", "");
  daemon.set("state.directory", (daemon.directory() / "file" / "state").string());
  auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err, Contains(daemon.stateDirectory().string()));
  daemon.set("state.directory", (daemon.directory() / "file").string());
  refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err, Contains(daemon.stateDirectory().string()));
}

TEST_CASE("start: everything works below a path longer than a socket address") {
  Daemon daemon;
  const auto state = daemon.directory() / std::string(80, 'd') / std::string(80, 'e') / "state";
  daemon.set("state.directory", state.string());
  const auto tasks = daemon.directory() / std::string(120, 't');
  std::filesystem::create_directory(tasks);
  REQUIRE(chmod(tasks.c_str(), 0711) == 0);
  daemon.set("tasks.directory", (tasks / "tasks").string());
  daemon.set("spawner.socket", (state / "spawner.sock").string());
  daemon.start();
  runOneTask(daemon);
  daemon.restart();
  runOneTask(daemon);
}

TEST_CASE("start: under umask 002 the state is as closed as promised and tasks run") {
  Daemon daemon;
  const auto state = daemon.directory() / "fresh";
  daemon.set("state.directory", state.string());
  daemon.unset("spawner.socket");  // the default, in the state directory
  startThrough(daemon, "umask 002");
  daemon.start();
  runOneTask(daemon);
  CHECK(modeOf(state) == 0750);
  CHECK(modeOf(state / "vx11.db") == 0640);
  CHECK(modeOf(state / "spool") == 0700);
  CHECK((modeOf(state / "spawner.sock") & 0777) == 0600);
  CHECK((modeOf(daemon.setting("tasks.directory")) & 0066) == 0);
}
