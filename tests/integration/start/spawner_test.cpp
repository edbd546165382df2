// The spawner that vx11d starts, or cannot start.
#include "catch.hpp"
#include "setting.hpp"
#include "spawner_processes.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

void checkRefused(Daemon& daemon, const std::string& binary, const std::string& sentence) {
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains(binary) && Contains(sentence));
}

}  // namespace

TEST_CASE("start: in an installation the spawner is found in libexec, in a build tree beside vx11d") {
  for (const std::string place : {"libexec/vx11", "sbin"}) {
    INFO(place);
    Daemon daemon;
    const auto prefix = daemon.directory() / "prefix";
    std::filesystem::create_directories(prefix / "sbin");
    std::filesystem::create_directories(prefix / place);
    std::filesystem::copy_file(VX11D_BINARY, prefix / "sbin/vx11d");
    std::filesystem::copy_file(VX11_SPAWNER_BINARY, prefix / place / "vx11-spawner");
    daemon.setBinary(prefix / "sbin/vx11d");
    daemon.unset("spawner.binary");
    daemon.start();
    CHECK_THAT(daemon.log(), Contains("binary=" + (prefix / place / "vx11-spawner").string()));
  }
}

TEST_CASE("start: a missing spawner is named with its key") {
  Daemon daemon({{"spawner.binary", "/nonexistent/vx11-spawner"}});
  checkRefused(daemon, "/nonexistent/vx11-spawner", "spawner.binary");
}

TEST_CASE("start: a spawner that is not executable is named with the mode that helps") {
  Daemon daemon;
  const auto binary = daemon.directory() / "vx11-spawner";
  writeFile(binary, "#!/bin/sh\nexit 0\n", 0644);
  daemon.set("spawner.binary", binary.string());
  checkRefused(daemon, binary.string(), "not executable");
}

TEST_CASE("start: a program that is no spawner is refused with what it said") {
  Daemon daemon;
  const auto binary = daemon.directory() / "vx11-spawner";
  daemon.set("spawner.binary", binary.string());
  writeFile(binary, "#!/bin/sh\necho 'I am a teapot' >&2\nexit 3\n", 0755);
  checkRefused(daemon, "I am a teapot", "");
  writeFile(binary, "neither a script nor an ELF file\n", 0755);
  checkRefused(daemon, binary.string(), "spawner.binary");
}

TEST_CASE("start: a program that ends well but serves nobody is refused") {
  Daemon daemon;
  daemon.set("spawner.binary", "/bin/true");
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK_THAT(refusal.err, Contains(daemon.spawnerSocket().string()));
}

TEST_CASE("start: an idle spawner ends by itself once its host is gone, and the next start has a new one") {
  Daemon daemon({{"spawner.idle_exit_seconds", "1"}});
  daemon.start();
  daemon.openWindow("spawner");
  const pid_t first = daemon.spawnerPid();
  // With a host it stays, whatever the time.
  CHECK_FALSE(eventually([&] { return spawnersOf(daemon.spawnerSocket()).empty(); },
                         std::chrono::milliseconds(2500)));
  CHECK(daemon.spawnerPid() == first);
  CHECK(daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "true")).text("status") == "DONE");

  CHECK(daemon.terminate() == 0);
  CHECK(eventually([&] { return spawnersOf(daemon.spawnerSocket()).empty(); }));
  daemon.start();
  CHECK(daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "true")).text("status") == "DONE");
  CHECK(daemon.spawnerPid() != first);
}

TEST_CASE("start: a spawner that serves already is taken over and not started again") {
  Daemon daemon;
  daemon.start();
  const pid_t spawner = daemon.spawnerPid();
  CHECK(daemon.terminate() == 0);
  daemon.set("spawner.binary", "/nonexistent/vx11-spawner");
  daemon.start();
  CHECK(daemon.http().get("/vx11/status").text("spawner_pid") == std::to_string(spawner));
}
