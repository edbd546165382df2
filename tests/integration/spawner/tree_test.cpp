#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "catch.hpp"
#include "host.hpp"
#include "not_shown_here.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

const char* const kNoOwnCount =
    "needs user ids or namespaces for daughters, whose processes are counted apart";

}  // namespace

TEST_CASE(
    "spawner: when the end is reported no descendant lives, not a double-forked one in its own session") {
  SpawnerProcess process(GENERATE(from_range(kinds())));
  process.start();
  Host host(process.socket());
  // A daemon as daemons do it: its parents are gone, its session is its own, it ignores TERM and HUP.
  const auto seconds = uniqueSeconds();
  auto start = shell("(setsid sh -c 'trap \"\" TERM HUP; echo up; exec >/dev/null 2>&1; sleep " + seconds +
                     "; sleep 60' &) ; sleep 0.2");
  const auto uuid = start.spawn_uuid;
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kExited);
  CHECK(end.tree_empty);
  CHECK(end.out.inline_bytes == "up\n");
  CHECK_FALSE(sleeps(seconds));
  CHECK(processesOf(uuid) == 0);
}

TEST_CASE("spawner: a daemon that shed its environment too is ended") {
  SpawnerProcess process(GENERATE(from_range(kinds())));
  process.start();
  Host host(process.socket());
  const auto seconds = uniqueSeconds();
  const auto end = host.run(shell("(env -i setsid sh -c 'echo up; exec >/dev/null 2>&1; exec sleep " +
                                  seconds + "' &) ; sleep 0.2"));
  CHECK(end.tree_empty);
  CHECK(end.out.inline_bytes == "up\n");
  CHECK_FALSE(sleeps(seconds));
}

TEST_CASE("spawner: a child that holds the pipe does not delay the end of its leader") {
  SpawnerProcess process(GENERATE(from_range(kinds())));
  process.start();
  Host host(process.socket());
  auto start = shell("sleep 60 & echo done");
  const auto uuid = start.spawn_uuid;
  const auto end = host.run(std::move(start));
  CHECK(end.out.inline_bytes == "done\n");
  CHECK(end.duration_us < 5'000'000);
  CHECK(end.tree_empty);
  CHECK(processesOf(uuid) == 0);
}

TEST_CASE("spawner: the end of one leaves another's daemon alone") {
  SpawnerProcess process(GENERATE(from_range(kinds())));
  process.start();
  Host host(process.socket());
  auto lasting = shell("(setsid sh -c 'while :; do sleep 0.05; echo tick; done' &) ; sleep 60");
  const auto lasting_nonce = lasting.nonce;
  const auto lasting_uuid = lasting.spawn_uuid;
  host.send(std::move(lasting));
  host.await<Started>();
  REQUIRE(eventually([&] { return processesOf(lasting_uuid) >= 3; }));
  const auto end = host.run(shell("(setsid sleep 60 &); echo short"));
  CHECK(end.tree_empty);
  CHECK(processesOf(lasting_uuid) >= 2);
  host.send(Kill{lasting_nonce, "enough"});
  const auto lasting_end = host.finished(lasting_nonce);
  CHECK(lasting_end.end == End::kKilled);
  CHECK(lasting_end.tree_empty);
  CHECK(processesOf(lasting_uuid) == 0);
}

TEST_CASE("spawner: a daemon that could be anybody's does not delay the ends of daughters younger than it") {
  SpawnerProcess process(Mode::kSameUser);
  process.start();
  Host host(process.socket());
  host.send(shell("sleep 60"));
  const auto other = host.await<Started>();
  // Its birth is counted in hundredths of a second.
  auto maker = shell(
      "(env -i setsid sh -c 'exec >/dev/null 2>&1; while :; do sleep 1; done' &) ; sleep 0.05; : >made; "
      "sleep 60");
  const auto made = process.tasks() + "/" + maker.spawn_uuid + "." + maker.nonce + "/made";
  host.send(std::move(maker));
  const auto started = host.await<Started>();
  REQUIRE(eventually([&] { return exists(made); }));
  const auto end = host.run(shell("sleep 0.05 & echo young"));
  CHECK(end.out.inline_bytes == "young\n");
  CHECK(end.tree_empty);
  CHECK(end.reason.empty());
  host.send(Kill{other.nonce, "enough"});
  host.send(Kill{started.nonce, "enough"});
  // Whoever ends last takes the daemon along.
  host.finished(other.nonce);
  host.finished(started.nonce);
  CHECK(eventually([&] { return entriesIn(process.tasks()) == 0; }));
}

TEST_CASE("spawner: a tree of two hundred that ignores TERM is gone when its end is reported") {
  SpawnerProcess process(GENERATE(from_range(kinds())));
  process.start();
  Host host(process.socket());
  auto start = shell(
      "trap '' TERM; for i in $(seq 100); do setsid sleep 60 & (sleep 60 & sleep 60) & done; "
      "echo ready; sleep 60");
  start.kill_grace_ms = 100;
  const auto nonce = start.nonce;
  const auto uuid = start.spawn_uuid;
  host.send(std::move(start));
  host.await<Started>();
  REQUIRE(eventually([&] { return processesOf(uuid) >= 200; }));
  host.send(Kill{nonce, "enough"});
  const auto end = host.finished(nonce);
  CHECK(end.end == End::kKilled);
  CHECK(end.tree_empty);
  CHECK(processesOf(uuid) == 0);
}

TEST_CASE("spawner: a fork bomb ends with its ttl") {
  // Only where the kill is atomic, and where the bomb takes its processes from no other's limit.
  if (modes().front() != Mode::kOwnUid) return notShownHere("needs root");
  const auto kind = GENERATE(from_range(kinds()));
  if (kind.mode == Mode::kSameUser || (kind.mode == Mode::kNamespace && kind.tree == TreeKind::kPlain))
    return;
  SpawnerProcess process(kind);
  process.start();
  Host host(process.socket());
  auto start = shell("ulimit -u 300; b() { b & b; }; b 2>/dev/null; wait");
  start.ttl_ms = 300;
  start.kill_grace_ms = 100;
  const auto uuid = start.spawn_uuid;
  const auto end = host.run(std::move(start), 30'000);
  CHECK(end.tree_empty);
  CHECK(processesOf(uuid) == 0);
}

TEST_CASE("spawner: a daughter has no more processes than it may, and others have theirs") {
  if (modes().front() == Mode::kSameUser) return notShownHere(kNoOwnCount);
  const auto mode = GENERATE(from_range(modes()));
  if (mode == Mode::kSameUser) return;
  SpawnerProcess process(mode, {"--max-processes", "20"});
  process.start();
  Host host(process.socket());
  auto bomb = shell("while :; do sleep 60 & done");
  const auto nonce = bomb.nonce;
  const auto uuid = bomb.spawn_uuid;
  bomb.ttl_ms = 60'000;
  host.send(std::move(bomb));
  // The shell itself fails, once it may not fork; what it started goes with it.
  const auto end = host.finished(nonce);
  CHECK(end.exit_code != 0);
  CHECK(end.err.inline_bytes.find("fork") != std::string::npos);
  CHECK(end.tree_empty);
  CHECK(processesOf(uuid) == 0);
  const auto count =
      host.run(shell("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 60 & done; echo all"));
  CHECK(count.out.inline_bytes == "all\n");
}

TEST_CASE("spawner: the limit of processes is 1024 by default, and can be left out") {
  if (modes().front() == Mode::kSameUser) return notShownHere(kNoOwnCount);
  const auto mode = GENERATE(from_range(modes()));
  if (mode == Mode::kSameUser) return;
  const auto limitWith = [mode](std::vector<std::string> arguments) {
    SpawnerProcess process(mode, std::move(arguments));
    process.start();
    return Host(process.socket()).run(shell("grep 'Max processes' /proc/self/limits")).out.inline_bytes;
  };
  CHECK_THAT(limitWith({}), Catch::Contains("1024                 1024"));
  rlimit ours{};
  REQUIRE(getrlimit(RLIMIT_NPROC, &ours) == 0);
  CHECK_THAT(limitWith({"--max-processes", "0"}),
             Catch::Contains(ours.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(ours.rlim_cur)));
}

TEST_CASE(
    "spawner: a leader whose end its own child has first, by tracing it, ends all the same, and at no cost") {
  SpawnerProcess process(GENERATE(from_range(kinds())));
  process.start();
  Host host(process.socket());
  // PTRACE_SEIZE by a child that the leader has allowed to (PR_SET_PTRACER), and that never waits for it.
  auto start = shell(
      "exec python3 -c 'import ctypes, os, time; libc = ctypes.CDLL(None)\n"
      "libc.prctl(0x59616d61, ctypes.c_ulong(-1 & (2**64 - 1)), 0, 0, 0); leader = os.getpid(); r, w = "
      "os.pipe()\n"
      "if os.fork() == 0:\n"
      "  libc.ptrace(0x4206, leader, None, None); os.write(w, b\"x\"); os.close(1); os.close(2); "
      "time.sleep(60)\n"
      "os.read(r, 1); print(\"traced\")'");
  const auto uuid = start.spawn_uuid;
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kExited);
  CHECK(end.exit_code == 0);
  CHECK(end.out.inline_bytes == "traced\n");
  CHECK(end.duration_us < 20'000'000);
  CHECK(end.tree_empty);
  CHECK(processesOf(uuid) == 0);
}
