// Daughters of the spawner's own user, kept apart by namespaces and Landlock.
#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catch.hpp"
#include "host.hpp"
#include "namespaces.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

// A file of the user whose daughters run.
void writeOwned(const SpawnerProcess& process, const std::string& path, const std::string& content) {
  writeFile(path, content, 0600);
  struct stat status {};
  REQUIRE(stat(process.directory().path().c_str(), &status) == 0);
  REQUIRE(chown(path.c_str(), status.st_uid, status.st_gid) == 0);
}

// Both ways: without and with a PID namespace.
Kind eitherWay() {
  return {Mode::kNamespace, GENERATE(TreeKind::kPlain, TreeKind::kInit)};
}

std::string outputOf(Host& host, const std::string& script) {
  const auto end = host.run(shell(script));
  INFO(end.reason);
  return end.out.inline_bytes + end.err.inline_bytes;
}

}  // namespace

TEST_CASE("spawner: what is to be hidden is not there for a daughter in namespaces, by no way round either") {
  if (!namespacesCanBeShown()) return;
  const TestDirectory secrets(Mode::kNamespace);
  const auto kind = eitherWay();
  SpawnerProcess process(
      kind, {"--hide", secrets / "state", "--hide", secrets / "token", "--hide", secrets / "none"});
  REQUIRE(mkdir((secrets / "state").c_str(), 0755) == 0);
  writeOwned(process, secrets / "state/vx11.db", "rows");
  writeOwned(process, secrets / "token", "secret");
  process.start();
  Host host(process.socket());
  CHECK(host.welcome().isolation == "namespace");
  CHECK(outputOf(host, "ls -A " + (secrets / "state")) == "");
  CHECK(outputOf(host, "cat " + (secrets / "token")) == "");
  // It cannot be written, uncovered, or reached through a process of the same user that is not confined.
  CHECK_THAT(outputOf(host, "touch " + (secrets / "state/new")), Catch::Contains("Read-only"));
  CHECK_THAT(outputOf(host, "umount " + (secrets / "state")), Catch::Contains("umount:"));
  const auto root = "/proc/" + std::to_string(process.pid()) + "/root";
  CHECK_THAT(outputOf(host, "cat " + root + (secrets / "token")), !Catch::Contains("secret"));
  CHECK_THAT(outputOf(host, "cat " + root + (secrets / "state/vx11.db")), !Catch::Contains("rows"));
  CHECK_THAT(outputOf(host, "cat /proc/" + std::to_string(process.pid()) + "/environ"),
             Catch::Contains(kind.tree == TreeKind::kInit ? "No such file" : "Permission denied"));
  CHECK(readFile(secrets / "token") == "secret");
}

TEST_CASE("spawner: in namespaces a daughter sees of all task directories its own alone") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(eitherWay());
  process.start();
  Host host(process.socket());
  auto other = shell("echo private > mine; sleep 60");
  const auto directory = process.tasks() + "/" + other.spawn_uuid + "." + other.nonce;
  host.send(std::move(other));
  host.await<Started>();
  REQUIRE(eventually([&] { return exists(directory + "/mine"); }));
  CHECK(outputOf(host, "ls -A " + process.tasks() + " | wc -l") == "1\n");
  CHECK_THAT(outputOf(host, "cat " + directory + "/mine"), Catch::Contains("No such file"));
  CHECK(outputOf(host, "echo own > f && cat f && test $PWD = $HOME && echo home") == "own\nhome\n");
}

TEST_CASE("spawner: in namespaces a daughter traces and signals nobody else") {
  if (!namespacesCanBeShown()) return;
  const auto kind = eitherWay();
  SpawnerProcess process(kind);
  process.start();
  Host host(process.socket());
  auto other = shell("trap 'echo hit' USR1; echo ready; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done");
  const auto nonce = other.nonce;
  host.send(std::move(other));
  const auto started = host.await<Started>();
  const auto pid = std::to_string(started.pid);
  const auto* const refusal = kind.tree == TreeKind::kInit ? "No such file" : "Permission denied";
  CHECK_THAT(outputOf(host, "cat /proc/" + pid + "/environ"), Catch::Contains(refusal));
  CHECK_THAT(outputOf(host, "ls -l /proc/" + pid + "/fd"), Catch::Contains(refusal));
  CHECK_THAT(outputOf(host, "cat /proc/" + pid + "/maps"), Catch::Contains(refusal));
  // 6 is the first with scopes. In a PID namespace nobody else has a number.
  if (landlockAbi() >= 6 || kind.tree == TreeKind::kInit) {
    const auto* const none = kind.tree == TreeKind::kInit ? "No such process" : "not permitted";
    CHECK_THAT(outputOf(host, "kill -USR1 " + pid), Catch::Contains(none));
    CHECK_THAT(outputOf(host, "kill -KILL " + std::to_string(process.pid())), Catch::Contains(none));
    CHECK(outputOf(host, "sleep 60 & kill $! && wait $! 2>/dev/null; echo its own") == "its own\n");
  }
  const auto end = host.finished(nonce);
  CHECK(end.out.inline_bytes == "ready\n");
  CHECK(end.exit_code == 0);
}

TEST_CASE("spawner: programs work in namespaces as elsewhere: files move between directories, groups stay") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(eitherWay());
  process.start();
  Host host(process.socket());
  CHECK(outputOf(host, "mkdir a b && echo x > a/f && ln a/f b/g && mv a/f b/f && cat b/f b/g && ls a") ==
        "x\nx\n");
  CHECK(outputOf(host, "id -u; id -g; umask") == "54321\n54321\n0077\n");
  CHECK(outputOf(host, "test -r /etc/passwd && test -w /tmp && echo yes") == "yes\n");
}

TEST_CASE("spawner: where no namespace can be had daughters run as the same user, and the log says why") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(Mode::kNamespace);
  // As in many containers.
  process.setBeforeExec([] { return forbidCall(SYS_unshare, EPERM); });
  process.start();
  Host host(process.socket());
  CHECK(host.welcome().isolation == "same-user");
  CHECK(host.run(shell("echo x")).out.inline_bytes == "x\n");
  CHECK_THAT(process.log(), Catch::Contains("warning event=namespaces.unusable reason="));
}

TEST_CASE("spawner: task directories that lie in what is hidden rule namespaces out, with a sentence") {
  if (!namespacesCanBeShown()) return;
  SpawnerProcess process(Mode::kNamespace);
  process.addArguments({"--hide", process.directory().path()});
  process.start();
  CHECK(Host(process.socket()).welcome().isolation == "same-user");
  CHECK_THAT(process.log(), Catch::Contains("which tasks must not see"));
}
