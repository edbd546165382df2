#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

TEST_CASE("spawner: a daughter has descriptors 0, 1 and 2 and no others") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("");
  start.program = "/bin/ls";
  start.args = {{"/proc/self/fd", false}};
  start.stdin_content = sealedMemfd("stdin", "x");
  // 3 is ls's own, for the directory it lists.
  CHECK(host.run(std::move(start)).out.inline_bytes == "0\n1\n2\n3\n");
}

TEST_CASE(
    "spawner: a daughter leads its session and group, with no signal blocked or ignored and no privileges to "
    "gain") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  const auto end =
      host.run(shell("grep -E '^(SigBlk|SigIgn|NoNewPrivs|CapEff|CapPrm|CapInh):' /proc/self/status; "
                     "cut -d' ' -f5,6 /proc/$$/stat; echo $$ $$; umask; ulimit -c"));
  const auto& text = end.out.inline_bytes;
  for (const std::string name : {"SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff"}) {
    CHECK(text.find(name + ":\t0000000000000000\n") != std::string::npos);
  }
  CHECK(text.find("NoNewPrivs:\t1\n") != std::string::npos);
  const auto ids = text.substr(text.find("NoNewPrivs"));
  std::vector<std::string> lines;
  for (size_t at = 0; at < ids.size(); at = ids.find('\n', at) + 1)
    lines.push_back(ids.substr(at, ids.find('\n', at) - at));
  REQUIRE(lines.size() == 5);
  CHECK(lines[1] == lines[2]);
  CHECK(lines[3] == "0077");
  CHECK(lines[4] == "0");
}

TEST_CASE("spawner: daughters of root are users of their own, from the range, never root") {
  if (modes().front() != Mode::kOwnUid) return;
  SpawnerProcess process(Mode::kOwnUid);
  process.start();
  Host host(process.socket());
  std::set<uint32_t> uids;
  for (int i = 0; i < 5; ++i) {
    auto start = shell("id -u; id -g; id -G; sleep 60");
    host.send(std::move(start));
    const auto started = host.await<Started>();
    CHECK(started.uid > 1'900'000'000);
    CHECK(started.uid <= 1'900'000'999);
    uids.insert(started.uid);
    struct stat status {};
    REQUIRE(stat(("/proc/" + std::to_string(started.pid)).c_str(), &status) == 0);
    CHECK(status.st_uid == started.uid);
    host.send(Kill{started.nonce, "enough"});
    const auto id = std::to_string(started.uid);
    const auto end = host.finished(started.nonce);
    // The kill may come before the last of the lines.
    CHECK((id + "\n" + id + "\n" + id + "\n").rfind(end.out.inline_bytes, 0) == 0);
  }
  CHECK(uids.size() == 5);
}

TEST_CASE("spawner: one daughter of root cannot reach another's directory, nor the other directories list") {
  if (modes().front() != Mode::kOwnUid) return;
  SpawnerProcess process(Mode::kOwnUid);
  process.start();
  Host host(process.socket());
  auto secret = shell("echo secret > file; echo ready; sleep 60");
  const auto directory = process.tasks() + "/" + secret.spawn_uuid + "." + secret.nonce;
  host.send(std::move(secret));
  const auto started = host.await<Started>();
  REQUIRE(eventually([&] { return exists(directory + "/file"); }));
  const auto end = host.run(shell("cat " + directory + "/file; ls " + directory + "; ls " + process.tasks() +
                                  "; ls " + process.spool() + "; kill -9 " + std::to_string(started.pid)));
  CHECK(end.out.inline_bytes.empty());
  CHECK(end.exit_code != 0);
  CHECK(isAlive(started.pid));
}

TEST_CASE(
    "spawner: what a daughter leaves in its directory is gone after the end, however deep or locked up") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  const auto outside = process.directory() / "outside";
  REQUIRE(mkdir(outside.c_str(), 0777) == 0);
  REQUIRE(chmod(outside.c_str(), 0777) == 0);
  const auto end = host.run(
      shell("mkdir -p a/b/c locked/in/side; touch a/1 a/b/2 locked/in/file; chmod 000 locked/in locked; "
            "ln -s " +
            outside + " link; touch " + outside +
            "/kept; ln -s . loop; mkfifo fifo; "
            "d=.; for i in $(seq 300); do mkdir -p nested/name-of-a-directory-that-is-long-$i && cd "
            "nested/name*; done; "
            "for i in $(seq 500); do : > f$i; done; echo ok"),
      60'000);
  CHECK(end.out.inline_bytes == "ok\n");
  CHECK(eventually([&] { return entriesIn(process.tasks()) == 0; }));
  CHECK(exists(outside + "/kept"));
}

TEST_CASE("spawner: no user ids left is refused as something that passes") {
  if (modes().front() != Mode::kOwnUid) return;
  // Two ids, of which one is the sweeper's.
  SpawnerProcess process(Mode::kOwnUid, {"--uid-range", "1900001500-1900001501"});
  process.start();
  Host host(process.socket());
  const auto nonce = host.startWhenPossible("sleep 60").nonce;
  host.send(shell("echo x"));
  const auto refused = host.await<Refused>();
  CHECK(refused.transient);
  CHECK(refused.reason == "no user id of the range is free");
  host.send(Kill{nonce, "enough"});
  host.finished(nonce);
  REQUIRE(eventually([&] { return entriesIn(process.tasks()) == 0; }));
  CHECK(host.runWhenPossible("echo x").out.inline_bytes == "x\n");
}

TEST_CASE("spawner: two spawners on one range never give out one id twice") {
  if (modes().front() != Mode::kOwnUid) return;
  SpawnerProcess one(Mode::kOwnUid, {"--uid-range", "1900001600-1900001602"});
  SpawnerProcess two(Mode::kOwnUid, {"--uid-range", "1900001600-1900001602"});
  one.start();
  two.start();
  Host first(one.socket());
  Host second(two.socket());
  const auto a = first.startWhenPossible("sleep 60");
  const auto b = second.startWhenPossible("sleep 60");
  CHECK(a.uid != b.uid);
  first.send(shell("sleep 60"));
  CHECK(first.await<Refused>().transient);
  CHECK(isAlive(a.pid));
  CHECK(isAlive(b.pid));
}

TEST_CASE("spawner: a starting one does not end daughters of a living one whose locks it cannot see") {
  if (modes().front() != Mode::kOwnUid) return;
  const std::vector<std::string> range = {"--uid-range", "1900001700-1900001701"};
  SpawnerProcess living(Mode::kOwnUid, range);
  living.start();
  Host host(living.socket());
  const auto started = host.startWhenPossible("sleep 60");
  // With a /run of its own, as in a chroot.
  const SpawnerProcess other(Mode::kOwnUid, {"--uid-range", "1900001700-1900001701", "--idle-exit", "1"});
  std::vector<std::string> command = {
      "/usr/bin/unshare", "--mount", "/bin/sh", "-c", "mount -t tmpfs none /run && exec \"$@\"", "sh",
      VX11_SPAWNER_BINARY};
  const auto arguments = other.arguments();
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto outcome = other.runProgram(command);
  if (outcome.err.rfind("unshare:", 0) == 0 || outcome.err.rfind("mount:", 0) == 0)
    return;  // not allowed here
  CHECK(WEXITSTATUS(outcome.status) == 0);
  CHECK(isAlive(started.pid));
}
