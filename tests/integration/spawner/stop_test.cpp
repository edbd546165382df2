#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

TEST_CASE("spawner: SIGTERM interrupts every daughter, records it and ends in time") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto stubborn = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
  stubborn.kill_grace_ms = 60'000;
  const auto nonce = stubborn.nonce;
  const auto uuid = stubborn.spawn_uuid;
  host.send(std::move(stubborn));
  host.await<Started>();
  REQUIRE(eventually([&] { return processesOf(uuid) >= 2; }));
  const auto before = now_ms();
  process.signal(SIGTERM);
  host.send(shell("echo too late"));
  const auto refused = host.await<Refused>();
  CHECK(refused.transient);
  CHECK(refused.reason == "the spawner is stopping");
  const auto end = host.finished(nonce);
  CHECK(end.end == End::kInterrupted);
  CHECK(end.reason == "the spawner was told to stop");
  CHECK(end.tree_empty);
  CHECK(end.out.inline_bytes == "ready\n");
  const int status = process.waitForEnd();
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(now_ms() - before < 5000);
  CHECK(processesOf(uuid) == 0);
  CHECK_FALSE(exists(process.socket()));

  // Nobody acknowledged it, so the next spawner offers it again.
  process.start();
  Host next(process.socket());
  REQUIRE(next.ended().size() == 1);
  CHECK(next.ended()[0].nonce == nonce);
  CHECK(next.ended()[0].end == End::kInterrupted);
}

TEST_CASE("spawner: of every start that still reaches a stopping spawner it says that it was not made") {
  // The end falls between two sends only now and then.
  for (int round = 0; round < 10; ++round) {
    SpawnerProcess process(modes().front());
    process.start();
    Host host(process.socket());
    process.signal(SIGTERM);
    std::set<std::string> unanswered;
    try {
      for (;;) {
        auto start = shell("echo too late");
        const auto nonce = start.nonce;
        sendPacket(host.socket(), encode(std::move(start)));  // blocks, so it is sent or throws
        unanswered.insert(nonce);
      }
    } catch (const ProtocolError&) {
      // It takes no more.
    }
    for (auto packet = receivePacket(host.socket()); packet && !packet->bytes.empty();
         packet = receivePacket(host.socket())) {
      auto message = decode(std::move(*packet));
      if (const auto* refused = std::get_if<Refused>(&message)) unanswered.erase(refused->nonce);
      // One that came before the signal was seen.
      if (const auto* finished = std::get_if<Finished>(&message)) unanswered.erase(finished->nonce);
    }
    CHECK(unanswered.size() == 0);
    CHECK(process.waitForEnd() == 0);
  }
}

TEST_CASE("spawner: after kill -9 of the spawner nothing of its daughters is left once the next one serves") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  auto plain = shell("exec sleep 60");
  auto daemon = shell("(setsid sh -c 'while :; do sleep 0.1; done' >/dev/null 2>&1 &); sleep 60");
  const auto plain_uuid = plain.spawn_uuid;
  const auto daemon_uuid = daemon.spawn_uuid;
  {
    Host host(process.socket());
    host.send(std::move(plain));
    host.send(std::move(daemon));
    host.await<Started>();
    host.await<Started>();
    REQUIRE(eventually([&] { return processesOf(daemon_uuid) >= 3; }));
    process.signal(SIGKILL);
    process.waitForEnd();
  }
  CHECK(eventually([&] { return processesOf(plain_uuid) == 0; }));
  process.start();
  CHECK(eventually([&] { return processesOf(daemon_uuid) == 0; }));
  CHECK(eventually([&] { return entriesIn(process.tasks()) == 0; }));
  Host host(process.socket());
  CHECK(host.running().empty());
  CHECK(host.ended().empty());
  CHECK(host.run(shell("echo again")).out.inline_bytes == "again\n");
}

TEST_CASE("spawner: zombies that nobody reaps do not hold up the start after kill -9") {
  if (modes().front() != Mode::kOwnUid) return;
  // The orphans of the spawner become ours, and we reap none of them.
  REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
  SpawnerProcess process(Mode::kOwnUid, {"--uid-range", "1900001400-1900001410"});
  process.start();
  {
    Host host(process.socket());
    for (int i = 0; i < 3; ++i) {
      const auto uuid = host.startWhenPossible("sleep 60; echo not reached").spawn_uuid;
      REQUIRE(eventually([&] { return processesOf(uuid) == 2; }));
    }
    process.signal(SIGKILL);
    process.waitForEnd();
  }
  process.start();
  CHECK(eventually([&] {
    return process.log().find("event=spawner.leftovers user_ids=3 gone=yes") != std::string::npos;
  }));
  prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

TEST_CASE("spawner: an unacknowledged end survives kill -9 of the spawner, an acknowledged one is gone") {
  SpawnerProcess process(modes().front());
  process.start();
  auto kept = shell("printf kept; exit 7");
  auto dropped = shell("echo dropped");
  const auto kept_nonce = kept.nonce;
  const auto dropped_nonce = dropped.nonce;
  {
    Host host(process.socket());
    host.send(std::move(kept));
    host.finished(kept_nonce);
    host.run(std::move(dropped));
    auto again = shell("echo x");
    again.nonce = dropped_nonce;
    host.send(std::move(again));
    host.await<Refused>();  // so the acknowledgement before it has arrived
    process.signal(SIGKILL);
    process.waitForEnd();
  }
  // Half a record at the end, as a crash in the middle of a write would leave it.
  std::ofstream(process.spool() + "/records.log", std::ios::binary | std::ios::app)
      << std::string("\x50\0\0\0\1\2\3", 7);
  process.start();
  Host host(process.socket());
  REQUIRE(host.ended().size() == 1);
  CHECK(host.ended()[0].nonce == kept_nonce);
  CHECK(host.ended()[0].exit_code == 7);
  CHECK(host.ended()[0].out.inline_bytes == "kept");
  auto again = shell("echo x");
  again.nonce = kept_nonce;
  host.send(std::move(again));
  CHECK_FALSE(host.await<Refused>().transient);
}

TEST_CASE("spawner: without host and daughter it ends by itself, with either it stays") {
  SpawnerProcess process(modes().front(), {"--idle-exit", "1"});
  process.start();
  {
    Host host(process.socket());
    const auto start_time = now_ms();
    CHECK(host.run(shell("sleep 1.5")).exit_code == 0);
    host.send(shell("sleep 1.5"));
    host.await<Started>();
    CHECK(now_ms() - start_time >= 1500);
    CHECK(isAlive(process.pid()));
  }
  // The daughter is still there, so the second begins only when it has ended.
  const auto alone = now_ms();
  CHECK(WEXITSTATUS(process.waitForEnd()) == 0);
  CHECK(now_ms() - alone >= 2000);
  CHECK_FALSE(exists(process.socket()));
}

TEST_CASE("spawner: a stale socket is replaced, a live one is not") {
  SpawnerProcess process(modes().front());
  process.start();
  const auto second = process.run({"--socket", process.socket(), "--spool", process.directory() / "spool2",
                                   "--tasks", process.directory() / "tasks2"});
  CHECK(WEXITSTATUS(second.status) == 75);
  CHECK(second.err == "vx11-spawner: another vx11-spawner listens at " + process.socket() + "\n");
  process.signal(SIGKILL);
  process.waitForEnd();
  CHECK(exists(process.socket()));
  process.start();
  Host host(process.socket());
  CHECK(host.run(shell("echo new")).out.inline_bytes == "new\n");
}

TEST_CASE(
    "spawner: directories that are shared, foreign or open to others refuse to start with one sentence") {
  SpawnerProcess process(modes().front());
  process.start();
  const auto sentenceFor = [&](const std::string& spool, const std::string& tasks) {
    const auto outcome =
        process.run({"--socket", process.directory() / "run/other.sock", "--spool", spool, "--tasks", tasks});
    CHECK(WEXITSTATUS(outcome.status) == 1);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    return outcome.err;
  };
  const auto other_spool = process.directory() / "spool2";
  const auto other_tasks = process.directory() / "tasks2";
  CHECK(sentenceFor(process.spool(), other_tasks).find("another vx11-spawner uses") != std::string::npos);
  CHECK(sentenceFor(other_spool, process.tasks()).find("another vx11-spawner uses") != std::string::npos);
  const auto link = process.directory() / "link";
  REQUIRE(symlink("/tmp", link.c_str()) == 0);
  CHECK(sentenceFor(other_spool, link).find("not a directory itself") != std::string::npos);
  CHECK(sentenceFor(other_spool, process.directory() / "no/such").find("cannot make") != std::string::npos);
  const auto open_directory = process.directory() / "open";
  REQUIRE(mkdir(open_directory.c_str(), 0700) == 0);
  REQUIRE(chmod(open_directory.c_str(), 0777) == 0);
  CHECK(sentenceFor(other_spool, open_directory).find("chmod go-w") != std::string::npos);
  if (modes().front() != Mode::kOwnUid) return;
  const auto closed = process.directory() / "closed";
  REQUIRE(mkdir(closed.c_str(), 0700) == 0);
  CHECK(sentenceFor(other_spool, closed + "/tasks").find("cannot pass through " + closed) !=
        std::string::npos);
}

TEST_CASE("spawner: bad usage is status 2 and one sentence") {
  const SpawnerProcess process(modes().front());
  const std::vector<std::vector<std::string>> bad = {
      {"--socket"},
      {"--spool", "x"},
      {"--frob"},
      {"--socket", "a", "--spool", "b", "--tasks", "c", "--idle-exit", "-1"},
      {"--uid-range", "0-10"},
      {"--uid-range", "10-10"},
      {"--uid-range", "x"},
      {"--host-uid", "4294967295"}};
  for (const auto& arguments : bad) {
    const auto outcome = process.run(arguments);
    CHECK(WEXITSTATUS(outcome.status) == 2);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  }
  CHECK(WEXITSTATUS(process.run({"--version"}).status) == 0);
}

TEST_CASE("spawner: in the background the starter ends once the socket listens, or tells why not") {
  SpawnerProcess process(modes().front(), {"--idle-exit", "1"});
  auto arguments = process.arguments();
  arguments.push_back("--background");
  const auto good = process.run(arguments);
  CHECK(WEXITSTATUS(good.status) == 0);
  CHECK(good.err.empty());
  {
    Host host(process.socket());
    CHECK(host.run(shell("echo detached")).out.inline_bytes == "detached\n");
    const auto second = process.run(arguments);
    CHECK(WEXITSTATUS(second.status) == 75);
    CHECK(second.err == "vx11-spawner: another vx11-spawner listens at " + process.socket() + "\n");
  }
  CHECK(eventually([&] { return !exists(process.socket()); }));
}

TEST_CASE("spawner: a range of user ids that does not exist here refuses to start and names the setting") {
  const SpawnerProcess process(modes().front());
  // A user namespace that has one id only, as a rootless container may.
  auto arguments = process.arguments();
  arguments.insert(arguments.begin(), {"/usr/bin/unshare", "--user", "--map-root-user", VX11_SPAWNER_BINARY});
  const auto outcome = process.runProgram(arguments);
  if (outcome.err.rfind("unshare:", 0) == 0) return;  // not allowed here
  CHECK(WEXITSTATUS(outcome.status) == 1);
  CHECK(outcome.err.find("do not exist in this container") != std::string::npos);
  CHECK(outcome.err.find("tasks.uid_range") != std::string::npos);
}
