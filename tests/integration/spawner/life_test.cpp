#include <signal.h>
#include <sys/wait.h>

#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

TEST_CASE("spawner: a command's two streams come back to the byte, with its times") {
  const auto kind = GENERATE(from_range(kinds()));
  SpawnerProcess process(kind);
  process.start();
  Host host(process.socket());
  const bool own_uid = kind.mode == Mode::kOwnUid;
  CHECK(host.welcome().isolation == (own_uid                         ? "own-uid"
                                     : kind.mode == Mode::kNamespace ? "namespace"
                                                                     : "same-user"));
  CHECK(host.welcome().tree_kill == (kind.tree == TreeKind::kCgroup ? "cgroup"
                                     : kind.tree == TreeKind::kInit ? "pid-namespace"
                                     : own_uid                      ? "uid"
                                                                    : "sweep"));
  CHECK(host.welcome().pid == process.pid());
  CHECK(host.welcome().instance.size() == 36);

  auto start = shell("echo TASK1_OK; printf 'a\\000b\\377' >&2; sleep 0.1");
  const auto nonce = start.nonce;
  const auto uuid = start.spawn_uuid;
  host.send(std::move(start));
  const auto started = host.await<Started>();
  CHECK(started.nonce == nonce);
  CHECK(started.spawn_uuid == uuid);
  CHECK(started.pid > 1);
  const auto end = host.finished(nonce);
  CHECK(end.end == End::kExited);
  CHECK(end.exit_code == 0);
  CHECK(end.reason.empty());
  CHECK(end.spawn_uuid == uuid);
  CHECK(end.out.inline_bytes == "TASK1_OK\n");
  CHECK(end.out.total_bytes == 9);
  CHECK(end.out.spool_file.empty());
  CHECK(end.err.inline_bytes == std::string("a\0b\377", 4));
  CHECK(end.tree_empty);
  CHECK(end.pid == started.pid);
  CHECK(end.started_at_us == started.started_at_us);
  CHECK(end.ended_at_us >= end.started_at_us);
  CHECK(end.duration_us > 0);
  CHECK(end.max_rss_kb > 0);
}

TEST_CASE("spawner: of a daughter that ends within a moment only the end is told") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  constexpr int kTries = 50;
  int told_alone = 0;
  for (int i = 0; i < kTries; ++i) {
    host.send(shell(":"));
    auto message = host.next();
    if (std::holds_alternative<Started>(message))
      message = host.next();
    else
      ++told_alone;
    CHECK(std::get<Finished>(message).pid > 1);
  }

  CHECK(told_alone > 0);
}

TEST_CASE("spawner: exit codes and signals are told apart") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  for (const int code : {0, 1, 2, 126, 127, 128, 137, 255}) {
    const auto end = host.run(shell("exit " + std::to_string(code)));
    CHECK(end.end == End::kExited);
    CHECK(end.exit_code == code);
    CHECK(end.signal == 0);
  }
  for (const int number : {SIGTERM, SIGKILL, SIGSEGV, SIGPIPE, SIGABRT, SIGUSR1}) {
    const auto end = host.run(shell("kill -" + std::to_string(number) + " $$"));
    CHECK(end.end == End::kSignalled);
    CHECK(end.signal == number);
    CHECK_FALSE(end.reason.empty());
  }
}

TEST_CASE("spawner: one that ignores TERM dies when the grace after its ttl is over") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  start.ttl_ms = 300;
  start.kill_grace_ms = 200;
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kTimeout);
  CHECK(end.signal == SIGKILL);
  CHECK(end.out.inline_bytes == "ready\n");
  CHECK(end.tree_empty);
  CHECK(end.duration_us >= 500'000);
  CHECK(end.duration_us < 1'500'000);
  CHECK(end.reason.find("300 ms") != std::string::npos);
}

TEST_CASE("spawner: at its ttl one may still leave in peace") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.02; done");
  start.ttl_ms = 300;
  start.kill_grace_ms = 10'000;
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kTimeout);
  CHECK(end.exit_code == 3);
  CHECK(end.out.inline_bytes == "ready\nbye\n");
  CHECK(end.duration_us >= 300'000);
  CHECK(end.duration_us < 5'000'000);
}

TEST_CASE("spawner: one that stopped itself still ends at its ttl") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("kill -STOP $$");
  start.ttl_ms = 200;
  start.kill_grace_ms = 5'000;
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kTimeout);
  CHECK(end.tree_empty);
}

TEST_CASE("spawner: a kill ends a daughter and gives its reason") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("sleep 60 & sleep 60");
  const auto nonce = start.nonce;
  const auto uuid = start.spawn_uuid;
  host.send(std::move(start));
  host.await<Started>();
  host.send(Kill{nonce, "cancelled by local"});
  const auto end = host.finished(nonce);
  CHECK(end.end == End::kKilled);
  CHECK(end.signal == SIGTERM);
  CHECK(end.reason == "cancelled by local");
  CHECK(end.tree_empty);
  CHECK(processesOf(uuid) == 0);
}

TEST_CASE("spawner: two hundred at once each get their own output") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  std::vector<std::string> nonces;
  for (int i = 0; i < 200; ++i) {
    auto start = shell("echo " + std::to_string(i) + "; sleep 0.2; echo " + std::to_string(i) + " >&2");
    nonces.push_back(start.nonce);
    host.send(std::move(start));
  }
  for (int i = 0; i < 200; ++i) {
    const auto end = host.finished(nonces[static_cast<size_t>(i)], 60'000);
    CHECK(end.exit_code == 0);
    CHECK(end.out.inline_bytes == std::to_string(i) + "\n");
    CHECK(end.err.inline_bytes == std::to_string(i) + "\n");
    CHECK(end.tree_empty);
    host.send(Acknowledge{end.nonce});
  }
  CHECK(eventually([&] { return entriesIn(process.tasks()) == 0; }));
}
