// The fixture itself, with scripts in place of vx11d: its failures must be as clear as those of what it
// tests.
#include "daemon.hpp"

#include <signal.h>
#include <sys/stat.h>

#include "catch.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

void play(Daemon& daemon, const std::string& script) {
  const auto program = daemon.directory() / "toy";
  writeFile(program, "#!/bin/sh\n" + script, 0755);
  daemon.setBinary(program);
}

}  // namespace

TEST_CASE("daemon fixture: passes settings, reads READY, keeps the log, ends politely") {
  Daemon daemon({{"tasks.max_running", "3"}});
  daemon.unset("plugins.path");
  daemon.set("http.host", "127.0.0.1");
  daemon.setEnvironment("TOY", "value");
  play(daemon,
       "echo \"$TOY $*\" >&2; trap 'exit 0' TERM\necho 'READY http://127.0.0.1:4711'\n"
       "while :; do sleep 0.01; done\n");
  daemon.start();
  CHECK(daemon.port() == 4711);
  CHECK(daemon.running());
  CHECK(daemon.printed() == "READY http://127.0.0.1:4711\n");
  CHECK_THAT(daemon.log(), Contains("value ") && Contains("--set http.port=0 ") &&
                               Contains("--set tasks.max_running=3") &&
                               Contains("--set http.host=127.0.0.1") &&
                               Contains("--set state.directory=" + daemon.stateDirectory().string()) &&
                               !Contains("plugins.path"));
  const pid_t first = daemon.pid();
  daemon.restart();
  CHECK(daemon.pid() != first);
  CHECK(daemon.terminate() == 0);
  CHECK_FALSE(daemon.running());
}

TEST_CASE("daemon fixture: kill -9 is one") {
  Daemon daemon;
  play(daemon, "trap '' TERM\necho 'READY http://127.0.0.1:4711'\nexec sleep 60\n");
  daemon.start();
  daemon.kill9();
  CHECK_FALSE(daemon.running());
}

TEST_CASE("daemon fixture: a daemon that does not come up shows its log") {
  Daemon daemon;
  play(daemon, "echo 'the port is taken' >&2; exit 1\n");
  CHECK_THROWS_WITH(daemon.start(), Contains("the port is taken"));
}

TEST_CASE("daemon fixture: anything but READY on stdout is a failure") {
  Daemon daemon;
  play(daemon, "echo 'Hello'; exec sleep 60\n");
  CHECK_THROWS_WITH(daemon.start(), Contains("Hello"));
}

TEST_CASE("daemon fixture: a refusal has its exit status and sentence, and serving is none") {
  Daemon daemon;
  play(daemon, "echo 'no such key' >&2; exit 3\n");
  const Refusal refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 3);
  CHECK(refusal.err == "no such key\n");
  CHECK(refusal.out.empty());
  play(daemon, "echo 'READY http://127.0.0.1:4711'; exec sleep 60\n");
  CHECK_THROWS_WITH(daemon.runExpectingFailure(), Contains("expected to refuse"));
}

TEST_CASE("daemon fixture: the token is for its owner only, and daughters may pass through the directory") {
  const Daemon daemon;
  struct stat status {};
  REQUIRE(stat((daemon.directory() / "token").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(readFile(daemon.directory() / "token") == daemon.token() + "\n");
  REQUIRE(stat(daemon.directory().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0711);
}

TEST_CASE("daemon fixture: the spawner of its socket ends with it, by pid") {
  pid_t pid = 0;
  {
    Daemon daemon;
    play(daemon,
         "setsid sh -c 'while :; do sleep 0.01; done' x --socket \"$(dirname \"$0\")/spawner.sock\" > "
         "/dev/null &\n"
         "echo 'READY http://127.0.0.1:4711'\nexec sleep 60\n");
    daemon.start();
    pid = daemon.spawnerPid();
    daemon.kill9();
    CHECK(kill(pid, 0) == 0);
  }
  CHECK(eventually([pid] { return readFile("/proc/" + std::to_string(pid) + "/cmdline").empty(); }));
}
