#include "process.hpp"

#include <signal.h>

#include "catch.hpp"
#include "spawner_processes.hpp"
#include "temp_directory.hpp"

using namespace vx11::test;

TEST_CASE("process: exit status, output and stderr of a command") {
  const auto result = runCommand({"sh", "-c", "echo $WHO; echo err >&2; exit 7"}, {{"WHO", "me"}});
  CHECK(result.exit_status == 7);
  CHECK(result.out == "me\n");
  CHECK(result.err == "err\n");
}

TEST_CASE("process: more output than a pipe holds does not stop it") {
  CHECK(runCommand({"sh", "-c", "head -c 300000 /dev/zero"}).out.size() == 300000);
}

TEST_CASE("process: a signal shows in the exit status") {
  Process process({{"sh", "-c", "echo up; exec sleep 60"}, {}, {}});
  CHECK(process.firstLine() == "up");
  CHECK_FALSE(process.wait(std::chrono::milliseconds(0)));
  process.signal(SIGTERM);
  CHECK(process.wait() == 128 + SIGTERM);
}

TEST_CASE("process: one that still runs ends with its object") {
  pid_t pid = 0;
  {
    const Process process({{"sleep", "60"}, {}, {}});
    pid = process.pid();
    CHECK(kill(pid, 0) == 0);
  }
  CHECK(kill(pid, 0) != 0);
}

TEST_CASE("process: no first line from one that ends without") {
  Process process({{"sh", "-c", "printf half"}, {}, {}});
  CHECK_FALSE(process.firstLine());
  CHECK(process.printed() == "half");
}

TEST_CASE("spawner processes: found by their socket, ended, and no other") {
  const TempDirectory directory;
  const std::string mine = (directory / "mine").string();
  const std::string other = (directory / "mine-not").string();
  Process spawner(
      {{"sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done", "x", "--socket", mine},
       {},
       {}});
  Process bystander({{"sh", "-c", "echo up; exec sleep 60", "x", "--socket", other}, {}, {}});
  spawner.firstLine();
  bystander.firstLine();
  CHECK(spawnersOf(mine) == std::vector<pid_t>{spawner.pid()});
  CHECK(endSpawnersOf(mine));
  CHECK(spawner.wait() == 0);
  CHECK(spawnersOf(mine).empty());
  CHECK_FALSE(bystander.wait(std::chrono::milliseconds(0)));
}
