// As whom host, spawner and daughters run.
#include <signal.h>
#include <unistd.h>

#include "catch.hpp"
#include "not_shown_here.hpp"
#include "setting.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

void checkThreeTypes(const Daemon& daemon) {
  const auto http = daemon.http();
  CHECK(http.post("/vx11/spawn?wait=60", spawnBody("shell", "echo a")).text("stdout") == "a\n");
  CHECK(http.post("/vx11/spawn?wait=60", spawnBody("bash", "echo ${BASH_VERSION:+b}")).text("stdout") ==
        "b\n");
  CHECK(http.post("/vx11/spawn?wait=60", spawnBody("python", "print('c')")).text("stdout") == "c\n");
}

}  // namespace

TEST_CASE("user: without privileges daughters run as the same user, and the three task types work") {
  const auto why = whyNotAsNobody();
  if (geteuid() == 0 && !why.empty()) return notShownHere(why);
  Daemon daemon;
  if (geteuid() == 0) startAsNobody(daemon);
  const bool wanted = GENERATE(true, false);
  daemon.set("tasks.namespaces", wanted ? "true" : "false");
  daemon.start();
  daemon.openWindow("spawner");
  const auto isolation = daemon.http().get("/vx11/status").text("isolation");
  CHECK((isolation == "same-user" || (wanted && isolation == "namespace")));
  const auto token = daemon.http().post("/vx11/spawn?wait=60",
                                        spawnBody("shell", "cat " + daemon.setting("auth.token_file")));
  CHECK((token.text("stdout") == daemon.token() + "\n") == (isolation == "same-user"));
  CHECK(daemon.http().get("/vx11/status").text("tree_kill_strength") ==
        (isolation == "namespace" ? "atomic" : "best-effort"));
  CHECK((daemon.log().find("warning event=daughters.not_isolated") != std::string::npos) ==
        (isolation == "same-user"));
  checkThreeTypes(daemon);
  const auto uid = std::to_string(ownerOf(daemon.pid()));
  CHECK(uid != "0");
  CHECK(daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "id -u")).text("stdout") == uid + "\n");
  daemon.restart();
  checkThreeTypes(daemon);
}

TEST_CASE("user: a start as root gives daughters user ids of the range") {
  if (geteuid() != 0) return notShownHere("needs root");
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  CHECK(daemon.http().get("/vx11/status").text("isolation") == "own-uid");
  CHECK(daemon.http().get("/vx11/status").text("tree_kill_strength") == "atomic");
  CHECK_THAT(daemon.log(), !Contains("daughters.not_isolated"));
  checkThreeTypes(daemon);
  const auto uid =
      std::stoul(daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "id -u")).text("stdout"));
  CHECK(uid >= 1900000000);
  CHECK(uid <= 1900000999);
}

TEST_CASE("user: process.user drops the host's privileges, the spawner keeps its own, and a restart works") {
  if (const auto why = whyNotAsNobody(); !why.empty()) return notShownHere(why);
  Daemon daemon({{"process.user", "nobody"}, {"tasks.max_processes", "77"}});
  installForEverybody(daemon);
  // The token is the operator's to hand over.
  REQUIRE(chown((daemon.directory() / "token").c_str(), kNobody, kNobody) == 0);
  daemon.start();
  daemon.openWindow("spawner");
  CHECK(ownerOf(daemon.pid()) == kNobody);
  const auto spawner = daemon.spawnerPid();
  CHECK(ownerOf(spawner) == 0);
  CHECK(daemon.http().get("/vx11/status").text("isolation") == "own-uid");
  checkThreeTypes(daemon);
  CHECK(daemon.http()
            .post("/vx11/spawn?wait=60", spawnBody("shell", "id -u"))
            .text("stdout")
            .starts_with("19000"));

  // The settings of tasks reach a spawner that was started before the host gave up its rights, too.
  CHECK(daemon.http().post("/vx11/spawn?wait=60", spawnBody("bash", "ulimit -u")).text("stdout") == "77\n");

  // Beyond the inline part: the host must be able to read what a root spawner has spooled.
  const auto large =
      daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "head -c 300000 /dev/zero"));
  CHECK(large.text("status") == "DONE");
  CHECK(large.text("stdout_bytes") == "300000");

  daemon.restart();
  CHECK(daemon.spawnerPid() == spawner);
  checkThreeTypes(daemon);
  daemon.kill9();
  daemon.start();
  checkThreeTypes(daemon);

  // The host could only start one that runs daughters as itself: root's comes back without it.
  kill(spawner, SIGKILL);
  CHECK(eventually([&] {
    const auto pid = daemon.http().get("/vx11/status").text("spawner_pid");
    return pid != "null" && pid != std::to_string(spawner);
  }));
  CHECK(ownerOf(daemon.spawnerPid()) == 0);
  CHECK(daemon.http().get("/vx11/status").text("isolation") == "own-uid");
  checkThreeTypes(daemon);
}

TEST_CASE("user: process.user makes a first start from nothing") {
  if (const auto why = whyNotAsNobody(); !why.empty()) return notShownHere(why);
  Daemon daemon({{"process.user", "nobody"}});
  installForEverybody(daemon);
  daemon.set("state.directory", (daemon.directory() / "fresh").string());
  daemon.unset("spawner.socket");
  daemon.unset("auth.token_file");
  daemon.start();
  auto token = readFile(daemon.stateDirectory() / "token");
  token.pop_back();
  const HttpClient http(daemon.port(), token);
  CHECK(http.post("/vx11/window/open", R"({"target":"spawner"})").status == 200);
  CHECK(http.post("/vx11/spawn?wait=60", spawnBody("shell", "echo fresh")).text("stdout") == "fresh\n");
}

TEST_CASE("user: a process.user that does not exist is refused, and so is one for a start without root") {
  Daemon daemon({{"process.user", "no-such-user"}});
  auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err, Contains("process.user") && Contains("no-such-user"));
  if (!whyNotAsNobody().empty()) return;  // the first half is shown in any case
  Daemon other({{"process.user", "daemon"}});
  startAsNobody(other);
  refusal = other.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err, Contains("process.user") && Contains("root"));
}
