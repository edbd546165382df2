// Each daughter of root's has a file system of its own for its directory, where directories are in memory.
#include <linux/magic.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>

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
std::string placeInMemory() {
  struct statfs status {};
  if (geteuid() != 0 || statfs("/dev/shm", &status) != 0 || status.f_type != TMPFS_MAGIC) return {};
  if (system("unshare -m mount -t tmpfs none /mnt 2>/dev/null") != 0) return {};
  static int count = 0;
  return "/dev/shm/vx11-test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

const char* const kWhyNot = "needs root, the right to mount, and /dev/shm in memory";

// Its directories in memory, a megabyte each.
class Ground {
 public:
  explicit Ground(const std::string& tasks) : tasks_(tasks), process_(Mode::kOwnUid) {
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
  std::filesystem::create_directories(place + "/left.behind/deep");
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
