// Where directories are in memory, each daughter that has a user id or namespaces of its own has a file
// system of its own for its directory.
#include <linux/magic.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/id.hpp"
#include "catch.hpp"
#include "host.hpp"
#include "not_shown_here.hpp"
#include "spawner_process.hpp"
#include "temp_directory.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

// Empty where this machine cannot show it.
std::string anyPlaceInMemory() {
  struct statfs status {};
  if (statfs("/dev/shm", &status) != 0 || status.f_type != TMPFS_MAGIC) return {};
  static int count = 0;
  return "/dev/shm/vx11-test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

std::string placeInMemory() {
  if (geteuid() != 0 || system("unshare -m mount -t tmpfs none /mnt 2>/dev/null") != 0) return {};
  return anyPlaceInMemory();
}

const char* const kWhyNot = "needs root, the right to mount, and /dev/shm in memory";

// Its directories in memory, a megabyte each.
class Ground {
 public:
  explicit Ground(const std::string& tasks, Kind kind = {Mode::kOwnUid, TreeKind::kCgroup})
      : tasks_(tasks), process_(kind) {
    process_.addArguments({"--tasks", tasks_, "--max-directory-bytes", "1048576"});
    process_.start();
  }
  ~Ground() {
    if (process_.pid() > 0) process_.signal(SIGTERM);
    process_.waitForEnd();
    std::filesystem::remove_all(tasks_);
  }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  SpawnerProcess& process() { return process_; }
  // As the spawner and its daughters see it.
  std::string inside() const { return "/proc/" + std::to_string(process_.pid()) + "/root" + tasks_; }

 private:
  std::string tasks_;
  SpawnerProcess process_;
};

// With each way that this machine has to keep a daughter's tree together there, directories in memory.
void forEachKindOfNamespace(const std::function<void(const std::string& place, Host& host)>& check) {
  if (!namespacesCanBeShown()) return;
  const auto place = anyPlaceInMemory();
  if (place.empty()) return notShownHere("needs /dev/shm in memory");
  for (const auto& kind : kinds()) {
    if (kind.mode != Mode::kNamespace) continue;
    CAPTURE(static_cast<int>(kind.tree));
    Ground ground(place, kind);
    Host host(ground.process().socket());
    check(place, host);
  }
}

}  // namespace

TEST_CASE(
    "spawner: a daughter that fills its directory takes room from nobody else, and leaves none behind") {
  const auto place = placeInMemory();
  if (place.empty()) return notShownHere(kWhyNot);
  Ground ground(place);
  Host host(ground.process().socket());
  const std::string fill = "head -c 2000000 /dev/zero > full 2>/dev/null; wc -c < full; ";
  auto greedy = shell(fill + "sleep 60");
  const auto nonce = greedy.nonce;
  host.send(std::move(greedy));
  host.await<Started>();
  for (int i = 0; i < 3; ++i) {
    const auto end = host.runWhenPossible("head -c 900000 /dev/zero > mine && wc -c < mine; pwd");
    // The second one, again and again.
    CHECK(end.out.inline_bytes.rfind("900000\n" + place + "/1/", 0) == 0);
    CHECK(end.exit_code == 0);
    REQUIRE(eventually([&] { return entriesIn(ground.inside() + "/1") == 0; }));
  }
  // Also by files that take no bytes.
  const auto many = host.runWhenPossible(
      "i=0; while [ $i -lt 5000 ] && true 2>/dev/null >f$i; do i=$((i+1)); done; echo $i");
  CHECK(std::stoi(many.out.inline_bytes) < 2000);
  CHECK(entriesIn(ground.inside()) == 2);
  host.send(Kill{nonce, "enough"});
  const auto end = host.finished(nonce);
  CHECK(std::stoi(end.out.inline_bytes) <= 1'048'576);
  CHECK(
      eventually([&] { return entriesIn(ground.inside() + "/0") + entriesIn(ground.inside() + "/1") == 0; }));
}

TEST_CASE("spawner: nobody outside sees these file systems, and with a killed spawner they are gone") {
  const auto place = placeInMemory();
  if (place.empty()) return notShownHere(kWhyNot);
  Ground ground(place);
  {
    Host host(ground.process().socket());
    host.send(shell("echo here > file; sleep 60"));
    const auto started = host.await<Started>();
    REQUIRE(eventually([&] { return entriesIn(ground.inside() + "/0") == 1; }));
    CHECK(entriesIn(place) == 0);
    CHECK(readFile("/proc/self/mountinfo").find(place) == std::string::npos);
    const auto cwd = std::filesystem::read_symlink("/proc/" + std::to_string(started.pid) + "/cwd");
    CHECK(cwd.string().rfind(place + "/0/", 0) == 0);
    ground.process().signal(SIGKILL);
    ground.process().waitForEnd();
    CHECK(eventually([&] { return !isAlive(started.pid); }));
  }
  // What a predecessor without them left is removed all the same.
  std::filesystem::create_directories(place + "/" + newUuid() + "." + newUuid() + "/deep");
  ground.process().start();
  Host host(ground.process().socket());
  CHECK(host.runWhenPossible("pwd").out.inline_bytes.rfind(place + "/0/", 0) == 0);
  CHECK(eventually([&] { return entriesIn(place) == 0; }));
}

TEST_CASE(
    "spawner: what somebody else holds open in a file system that is over takes no room from the next one") {
  const auto place = placeInMemory();
  if (place.empty()) return notShownHere(kWhyNot);
  Ground ground(place);
  Host host(ground.process().socket());
  const auto name = "vx11-held-" + std::to_string(getpid());
  // One daughter passes a file without a name to the other, and ends.
  auto holder =
      shell("exec python3 -c 'import socket, time; s = socket.socket(socket.AF_UNIX); s.bind(\"\\0" + name +
            "\"); s.listen(); print(\"up\", flush=True); c = s.accept()[0]\n"
            "f = socket.recv_fds(c, 1, 1); c.send(b\"y\"); time.sleep(60)'");
  const auto nonce = holder.nonce;
  host.send(std::move(holder));
  host.await<Started>();
  const auto giver = host.runWhenPossible(
      "exec python3 -c 'import os, socket, time; f = open(\"big\", \"wb\"); f.write(b\"x\" * 900000); "
      "f.flush()\n"
      "os.unlink(\"big\"); s = socket.socket(socket.AF_UNIX)\n"
      "while s.connect_ex(\"\\0" +
      name +
      "\"): time.sleep(0.01)\n"
      "socket.send_fds(s, [b\"x\"], [f.fileno()]); s.recv(1); print(os.getcwd())'");
  INFO(giver.err.inline_bytes);
  CHECK(giver.out.inline_bytes.rfind(place + "/1/", 0) == 0);
  REQUIRE(eventually([&] { return entriesIn(ground.inside() + "/1") == 0; }));
  const auto next = host.runWhenPossible("head -c 900000 /dev/zero > mine && wc -c < mine; pwd");
  CHECK(next.out.inline_bytes.rfind("900000\n" + place + "/1/", 0) == 0);
  host.send(Kill{nonce, "enough"});
  host.finished(nonce);
}

TEST_CASE("spawner: in namespaces a daughter that fills its directory stops at the limit") {
  forEachKindOfNamespace([](const std::string& place, Host& host) {
    CHECK(host.welcome().isolation == "namespace");
    auto greedy = shell("head -c 2000000 /dev/zero > full 2>/dev/null; wc -c < full; sleep 60");
    const auto nonce = greedy.nonce;
    const auto directory = place + "/" + greedy.spawn_uuid + "." + nonce;
    host.send(std::move(greedy));
    host.await<Started>();
    CHECK(exists(directory));
    const auto other = host.run(shell("head -c 900000 /dev/zero > mine && wc -c < mine; pwd"));
    CHECK(other.out.inline_bytes.rfind("900000\n" + place + "/", 0) == 0);
    // Also by files that take no bytes.
    const auto many =
        host.run(shell("i=0; while [ $i -lt 5000 ] && true 2>/dev/null >f$i; do i=$((i+1)); done; echo $i"));
    CHECK(std::stoi(many.out.inline_bytes) < 2000);
    // None of it is where others could see it.
    CHECK(entriesIn(directory) == 0);
    host.send(Kill{nonce, "enough"});
    CHECK(std::stoi(host.finished(nonce).out.inline_bytes) <= 1'048'576);
    CHECK(eventually([&] { return entriesIn(place) == 0; }));
  });
}

TEST_CASE("spawner: in namespaces a daughter's files are in its file system as they were sent") {
  forEachKindOfNamespace([](const std::string& place, Host& host) {
    auto run = shell(
        "stat -c '%n %a %s' a/b/two a/one three; stat -c '%n %a' a a/b; cmp a/b/two three; ./a/one; "
        "echo more >> a/b/two && wc -c < a/b/two; ls -A; umount . 2>/dev/null || echo stays");
    run.files.push_back({"a/b/two", 0600, sealedMemfd("test", std::string(300'000, 'x'))});
    run.files.push_back({"a/one", 0700, sealedMemfd("test", "#!/bin/sh\necho ran")});
    run.files.push_back({"three", 0400, sealedMemfd("test", std::string(300'000, 'x'))});
    const auto end = host.run(std::move(run));
    INFO(end.err.inline_bytes << end.reason);
    CHECK(
        end.out.inline_bytes ==
        "a/b/two 600 300000\na/one 700 18\nthree 400 300000\na 700\na/b 700\nran\n300005\na\nthree\nstays\n");
    // Where they find no room nothing starts, and the sentence says why.
    auto too_much = shell("echo never");
    too_much.files.push_back({"big", 0600, sealedMemfd("test", std::string(1'500'000, 'x'))});
    const auto never = host.run(std::move(too_much));
    CHECK(never.end == End::kSpawnError);
    CHECK(never.reason == "cannot write the files of the task: No space left on device (ENOSPC)");
    CHECK(never.out.inline_bytes == "");
    // Nor where there are too many of them: that does not pass, so it is not tried again.
    auto too_many = shell("echo never");
    for (int i = 0; i < 190; ++i)
      too_many.files.push_back(
          {"d" + std::to_string(i) + "/a/b/c/d/e/f/g/h/file", 0600, sealedMemfd("test", "x")});
    CHECK_THAT(host.run(std::move(too_many)).reason, Catch::Contains("Disk quota exceeded"));
    CHECK(eventually([&] { return entriesIn(place) == 0; }));
  });
}
