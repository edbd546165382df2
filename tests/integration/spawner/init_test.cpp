// Daughters under an init in a PID namespace of their own: without root, and where there are no cgroups.
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <variant>

#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"
#include "temp_directory.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

constexpr Kind kUnderInit{Mode::kNamespace, TreeKind::kInit};

}  // namespace

TEST_CASE("spawner: under an init a program is not pid 1, and of /proc it sees what is its own") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(kUnderInit);
  process.start();
  Host host(process.socket());
  REQUIRE(host.welcome().tree_kill == "pid-namespace");
  const auto end = host.run(
      shell("echo $$; cat /proc/1/comm; set -- /proc/[0-9]*; echo $#; tr '\\0' ' ' < /proc/1/cmdline"));
  INFO(end.err.inline_bytes);
  // The init and the shell. The init does not show the spawner's arguments.
  CHECK_THAT(end.out.inline_bytes, Catch::StartsWith("2\nvx11-init\n2\n"));
  CHECK_THAT(end.out.inline_bytes, !Catch::Contains("--socket"));
  CHECK_THAT(end.out.inline_bytes, Catch::Contains("vx11-init "));
}

TEST_CASE("spawner: a program under an init is known by the pid that others see, and hears its own signals") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(kUnderInit);
  process.start();
  Host host(process.socket());
  auto start = shell("trap 'echo heard; exit 3' USR1; echo ready; while :; do sleep 0.05; done");
  const auto nonce = start.nonce;
  const auto uuid = start.spawn_uuid;
  host.send(std::move(start));
  const auto started = host.await<Started>();
  const auto environment = readFile("/proc/" + std::to_string(started.pid) + "/environ");
  CHECK(environment.find("VX11_TASK_ID=" + uuid) != std::string::npos);
  // Its trap is set before its first sleep.
  REQUIRE(eventually([&] { return processesOf(uuid) == 2; }));
  kill(started.pid, SIGUSR1);
  const auto end = host.finished(nonce);
  CHECK(end.exit_code == 3);
  CHECK(end.pid == started.pid);
  CHECK(end.tree_empty);
}

TEST_CASE("spawner: a program can neither end, nor stop, nor look into its init, and the init reaps for it") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(kUnderInit);
  process.start();
  Host host(process.socket());
  const auto end = host.run(
      shell("kill -KILL 1; kill -STOP 1; kill -TERM 1; cat /proc/1/environ /proc/1/maps; ls /proc/1/fd; "
            "i=0; while [ $i -lt 20 ]; do (sleep 0.01 & ) ; i=$((i+1)); done; sleep 0.3; "
            "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l; exit 7"));
  CHECK(end.out.inline_bytes == "0\n");
  CHECK(end.exit_code == 7);
  CHECK(end.tree_empty);
}

TEST_CASE("spawner: with the init everything ends, though it ignores signals, whoever ends the init") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(kUnderInit);
  process.start();
  const auto seconds = uniqueSeconds();
  const std::string script =
      "trap '' TERM HUP INT; setsid sh -c 'sleep " + seconds + "; sleep 60' & sleep 60";
  {
    Host host(process.socket());
    auto start = shell(script);
    start.ttl_ms = 300;
    start.kill_grace_ms = 100;
    const auto end = host.run(std::move(start));
    CHECK(end.end == End::kTimeout);
    CHECK(end.signal == SIGKILL);
    CHECK(end.tree_empty);
    CHECK_FALSE(sleeps(seconds));
    host.send(shell(script));
    host.await<Started>();
    REQUIRE(eventually([&] { return sleeps(seconds); }));
  }
  process.signal(SIGKILL);
  process.waitForEnd();
  CHECK(eventually([&] { return !sleeps(seconds); }));
}

TEST_CASE("spawner: a program under an init that could not be started has not run, whatever was lacking") {
  if (!namespacesCanBeShown()) return;
  // Each program holds some of the spawner's descriptors. So with as many limits as there are steps on the
  // way to a program, each step is once the first that finds none left.
  const auto some = GENERATE(range(rlim_t{40}, rlim_t{48}));
  static rlim_t limit;
  limit = some;
  SpawnerProcess process(kUnderInit);
  process.setBeforeExec([] {
    const rlimit files{limit, limit};
    return setrlimit(RLIMIT_NOFILE, &files) == 0;
  });
  process.start();
  Host host(process.socket());
  const auto ran = process.directory() / "ran";
  for (int started = 0;; ++started) {
    REQUIRE(started < 48);
    auto start = shell("echo $VX11_TASK_ID >>" + ran + "; exec sleep 60");
    const auto uuid = start.spawn_uuid;
    host.send(std::move(start));
    const auto message = host.next();
    if (std::holds_alternative<Started>(message)) continue;
    const auto* refusal = std::get_if<Refused>(&message);
    REQUIRE(refusal != nullptr);
    INFO(refusal->reason);
    CHECK(started > 0);
    CHECK(refusal->transient);
    CHECK(readFile(ran).find(uuid) == std::string::npos);
    break;
  }
}

TEST_CASE("spawner: where no PID namespace can be had, trees are swept, and the log says why") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(kUnderInit);
  process.setBeforeExec([] { return forbidCall(SYS_clone, EPERM, CLONE_NEWPID); });
  process.start();
  Host host(process.socket());
  CHECK(host.welcome().isolation == "namespace");
  CHECK(host.welcome().tree_kill == "sweep");
  CHECK(host.run(shell("echo x")).out.inline_bytes == "x\n");
  CHECK_THAT(process.log(), Catch::Contains("event=pid_namespaces.unusable reason="));
}
