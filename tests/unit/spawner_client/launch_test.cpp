#include "spawner/launch.hpp"

#include <signal.h>
#include <sys/eventfd.h>

#include "base/unique_fd.hpp"
#include "catch.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

using namespace vx11;
using namespace vx11::spawner;
using Catch::Matchers::Contains;

namespace {

struct Launch {
  test::TempDirectory directory;
  LaunchOptions options;

  explicit Launch(const std::string& script) {
    options.binary = directory / "program";
    options.socket = directory / "socket";
    options.spool_directory = directory / "spool";
    options.tasks_directory = directory / "tasks";
    test::writeFile(options.binary, "#!/bin/sh\nhere='" + directory.path().string() + "'\n" + script, 0755);
  }
};

}  // namespace

TEST_CASE("launch: exit status 0 means that it serves") {
  Launch l("exit 0\n");
  CHECK(startSpawner(l.options) == std::nullopt);
}

TEST_CASE("launch: exit status 75 means that another one serves") {
  Launch l("echo 'vx11-spawner: another vx11-spawner listens' >&2; exit 75\n");
  CHECK(startSpawner(l.options) == std::nullopt);
}

TEST_CASE("launch: every option reaches the program") {
  Launch l("printf '%s\\n' \"$@\" > \"$here/args\"\n");
  l.options.uid_range = "1900000000-1900000999";
  l.options.max_processes = 99;
  l.options.max_output_bytes = 77;
  l.options.max_directory_bytes = 88;
  l.options.cgroups = false;
  l.options.namespaces = false;
  l.options.pid_namespaces = false;
  l.options.hidden = {"/var/lib/vx11", "/etc/vx11/token"};
  l.options.host_uid = 42;
  l.options.idle_exit_seconds = 7;
  l.options.kill_grace = std::chrono::milliseconds(1234);
  l.options.log_file = l.directory / "log";
  REQUIRE(startSpawner(l.options) == std::nullopt);
  const std::string here = l.directory.path().string();
  CHECK(test::readFile(l.directory / "args") ==
        "--socket\n" + here + "/socket\n--spool\n" + here + "/spool\n--tasks\n" + here +
            "/tasks\n--idle-exit\n7\n--kill-grace\n1234\n--max-processes\n99\n--max-output-bytes\n77\n--max-"
            "directory-bytes\n88\n--uid-"
            "range\n1900000000-1900000999\n--no-cgroups\n--no-namespaces\n--no-pid-namespaces\n--hide\n/var/"
            "lib/vx11\n--hide\n/"
            "etc/vx11/token\n--host-uid\n42\n--log\n" +
            here + "/log\n--background\n");
}

TEST_CASE("launch: nothing of ours is inherited: environment, descriptors, signals, directory, session") {
  Launch l(
      "env | sort > \"$here/env\"\n"
      "ls -l /proc/self/fd > \"$here/fds\"\n"
      "pwd > \"$here/pwd\"\n"
      "cut -d' ' -f1,6 /proc/$$/stat > \"$here/stat\"\n"
      // exec, for the shell blocks signals for a moment around each fork.
      "exec grep -E '^Sig(Blk|Ign)' /proc/self/status > \"$here/signals\"\n");
  setenv("VX11_LAUNCH_TEST", "leaks", 1);
  const UniqueFd open_here(eventfd(0, 0));  // without close-on-exec
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old = signal(SIGPIPE, SIG_IGN);
  const auto refusal = startSpawner(l.options);
  signal(SIGPIPE, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  unsetenv("VX11_LAUNCH_TEST");

  REQUIRE(refusal == std::nullopt);
  CHECK_THAT(test::readFile(l.directory / "env"), Contains("LANG=C.UTF-8") && !Contains("VX11_LAUNCH_TEST"));
  CHECK_THAT(test::readFile(l.directory / "fds"), Contains("/dev/null") && !Contains("eventfd"));
  // glibc's posix_spawn ignores its own two signals, 32 and 33, in every child; all others are as at boot.
  CHECK_THAT(test::readFile(l.directory / "signals"),
             Catch::Matchers::Matches("SigBlk:\t0{16}\nSigIgn:\t0000000180000000\n|"
                                      "SigBlk:\t0{16}\nSigIgn:\t0{16}\n"));
  CHECK(test::readFile(l.directory / "pwd") == "/\n");
  const std::string stat = test::readFile(l.directory / "stat");
  const auto space = stat.find(' ');
  CHECK(stat.substr(0, space) + "\n" == stat.substr(space + 1));
}

TEST_CASE("launch: the program's own sentence is the failure, on one line") {
  Launch l("printf 'The socket is taken:\\n end pid 12.\\n\\n' >&2; exit 1\n");
  CHECK(startSpawner(l.options) == "The socket is taken:  end pid 12.");
}

TEST_CASE("launch: a program that fails silently is named with its exit status") {
  Launch l("exit 4\n");
  CHECK_THAT(startSpawner(l.options).value(),
             Contains(l.options.binary.string()) && Contains("exit status 4"));
}

TEST_CASE("launch: a program that dies is named with its signal") {
  Launch l("kill -KILL $$\n");
  CHECK_THAT(startSpawner(l.options).value(), Contains("signal 9"));
}

TEST_CASE("launch: a file that is no program is named") {
  Launch l("");
  test::writeFile(l.options.binary, "\x01\x02\x03 neither", 0755);
  CHECK_THAT(startSpawner(l.options).value(), Contains("is not a program"));
}

TEST_CASE("launch: a flood on stderr neither blocks the program nor fills our memory") {
  Launch l("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1\n");
  CHECK(startSpawner(l.options).value() == std::string(4096, 'x'));
}

TEST_CASE("launch: a program that does not come up is killed at the deadline") {
  Launch l("echo $$ > \"$here/pid\"\nexec sleep 60\n");
  l.options.deadline = std::chrono::milliseconds(500);
  CHECK_THAT(startSpawner(l.options).value(), Contains("500 ms"));
  const std::string pid = test::readFile(l.directory / "pid");
  // Under load it may not have come as far as writing its pid.
  if (!pid.empty()) CHECK(kill(std::stoi(pid), 0) != 0);
}

TEST_CASE("launch: a spawner in the background that keeps its stderr does not hold us up") {
  Launch l("sleep 60 & echo $! > \"$here/pid\"\nexit 0\n");
  CHECK(startSpawner(l.options) == std::nullopt);
  kill(std::stoi(test::readFile(l.directory / "pid")), SIGKILL);
}
