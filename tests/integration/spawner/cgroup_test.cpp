// Trees that are ended by their cgroup. What holds for every way to end a tree is in tree_test.cpp.
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "catch.hpp"
#include "host.hpp"
#include "not_shown_here.hpp"
#include "spawner/cgroups/own_cgroup.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

std::vector<Kind> kindsWithCgroups() {
  std::vector<Kind> list;
  for (const auto& kind : kinds()) {
    if (kind.tree == TreeKind::kCgroup) list.push_back(kind);
  }
  return list;
}

// What the spawner of this pid has made.
std::string cgroupOf(const SpawnerProcess& process) {
  const auto parent = process.delegated().empty()
                          ? ownCgroup(readFile("/proc/self/mountinfo"), readFile("/proc/self/cgroup")).value()
                          : process.delegated();
  return parent + "/vx11-spawner-" + std::to_string(process.pid());
}

size_t directoriesIn(const std::string& path) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) count += entry.is_directory() ? 1 : 0;
  return count;
}

constexpr const char* kNeeds = "needs root and a cgroup v2 with cgroup.kill";

}  // namespace

TEST_CASE(
    "spawner: a daughter of the spawner's own user that sheds all ties is told from others by its cgroup") {
  const auto kinds = kindsWithCgroups();
  if (kinds.empty()) return notShownHere(kNeeds);
  SpawnerProcess process(GENERATE_COPY(from_range(kinds)));
  process.start();
  Host host(process.socket());
  // The sweep alone could not tell whose this is while another daughter runs.
  host.send(shell("sleep 60"));
  host.await<Started>();
  const auto end = host.run(
      shell("(env -i setsid setsid sh -c 'exec >/dev/null 2>&1; while :; do sleep 1; done' &) ; sleep 0.2"));
  CHECK(end.tree_empty);
  CHECK(end.duration_us < 4'000'000);
}

TEST_CASE("spawner: cgroups are used again, and none is left when the spawner has ended") {
  const auto kinds = kindsWithCgroups();
  if (kinds.empty()) return notShownHere(kNeeds);
  SpawnerProcess process(GENERATE_COPY(from_range(kinds)));
  process.start();
  const auto ours = cgroupOf(process);
  {
    Host host(process.socket());
    for (int i = 0; i < 20; ++i) CHECK(host.run(shell("echo x")).out.inline_bytes == "x\n");
    CHECK(directoriesIn(ours) <= 2);
    // One in which something was killed is not used again: on some kernels nothing could live there.
    for (int i = 0; i < 5; ++i) {
      CHECK(host.run(shell("sleep 60 & echo $$")).tree_empty);
      CHECK(host.run(shell("echo y")).out.inline_bytes == "y\n");
    }
    CHECK(eventually([&] { return directoriesIn(ours) <= 2; }));
  }
  process.signal(SIGTERM);
  process.waitForEnd();
  CHECK_FALSE(exists(ours));
}

TEST_CASE(
    "spawner: a daughter that gets a hold on its cgroup through a mount of its own has none on later ones") {
  const auto kinds = kindsWithCgroups();
  if (kinds.empty()) return notShownHere(kNeeds);
  SpawnerProcess process(GENERATE_COPY(from_range(kinds)));
  process.start();
  Host host(process.socket());
  // On some kernels nothing can live any more in a cgroup that was once killed. Some let nobody do this.
  host.run(shell("mkdir m; unshare -UrmC sh -c 'mount -t cgroup2 none m && echo 1 >m/cgroup.kill'; exit 0"));
  for (int i = 0; i < 3; ++i) CHECK(host.run(shell("echo x")).out.inline_bytes == "x\n");
}

TEST_CASE("spawner: what a spawner of our own user left after kill -9 is found by its cgroup") {
  const auto kinds = kindsWithCgroups();
  if (kinds.empty()) return notShownHere(kNeeds);
  SpawnerProcess process(GENERATE_COPY(from_range(kinds)));
  process.start();
  const auto old = cgroupOf(process);
  const auto mark = "60." + std::to_string(getpid());
  {
    Host host(process.socket());
    // Without its environment, session and parent: nothing but the cgroup ties it to its task.
    host.send(shell("(env -i setsid sleep " + mark + " >/dev/null 2>&1 &); sleep 60"));
    host.await<Started>();
    REQUIRE(eventually([&] { return sleeps(mark); }));
    process.signal(SIGKILL);
    process.waitForEnd();
  }
  process.start();
  CHECK(eventually([&] { return !sleeps(mark); }));
  CHECK(eventually([&] { return !exists(old); }));
  CHECK(Host(process.socket()).run(shell("echo again")).out.inline_bytes == "again\n");
}

TEST_CASE("spawner: where a filter forbids clone3 daughters go into their cgroups by themselves") {
  const auto kinds = kindsWithCgroups();
  if (kinds.empty()) return notShownHere(kNeeds);
  SpawnerProcess process(GENERATE_COPY(from_range(kinds)));
  // As filters of containers do: "no such call".
  process.setBeforeExec([] { return forbidCall(SYS_clone3, ENOSYS); });
  process.start();
  Host host(process.socket());
  CHECK(host.welcome().tree_kill == "cgroup");
  const auto end = host.run(shell("grep ^0:: /proc/self/cgroup; sleep 60 &"));
  CHECK_THAT(end.out.inline_bytes,
             Catch::Contains("/vx11-spawner-" + std::to_string(process.pid()) + "/task-"));
  CHECK(end.tree_empty);
}
