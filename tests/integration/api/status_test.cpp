#include <signal.h>

#include <filesystem>

#include "calls.hpp"
#include "catch.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Matches;
using Strings = std::vector<std::string>;

TEST_CASE("status: mode follows the open windows: none, some, all") {
  Daemon daemon;
  daemon.start();
  const auto status = [&] { return daemon.http().get("/vx11/status"); };
  CHECK(status().text("mode") == "solo_madre");
  CHECK(words(status().json()->getArray("open_windows")).empty());
  daemon.openWindow("hermes");
  CHECK(status().text("mode") == "windowed");
  daemon.openWindow("spawner");
  CHECK(status().text("mode") == "windowed");
  daemon.openWindow("switch");
  CHECK(status().text("mode") == "full");
  CHECK(words(status().json()->getArray("open_windows")) == Strings{"switch", "spawner", "hermes"});
  CHECK(daemon.http().post("/vx11/window/close", R"({"target":"hermes"})").status == 200);
  CHECK(status().text("mode") == "windowed");
}

TEST_CASE("status: has the members of the contract and tells how daughters are kept apart") {
  Daemon daemon;
  daemon.start();
  Answer answer;
  REQUIRE(eventually([&] {
    answer = daemon.http().get("/vx11/status");
    return answer.text("spawner_available") == "true";
  }));
  CHECK(answer.status == 200);
  const auto body = answer.json();
  for (const char* member : {"mode", "policy", "madre_available", "switch_available", "spawner_available",
                             "hermes_available", "timestamp", "isolation", "standing_windows"}) {
    INFO(member);
    CHECK(body->has(member));
  }
  CHECK(answer.text("policy") == "SOLO_MADRE");
  CHECK(answer.text("madre_available") == "true");
  CHECK_FALSE(answer.text("isolation").empty());
  CHECK(answer.text("isolation") != "null");
  CHECK(answer.text("spawner_pid") == std::to_string(daemon.spawnerPid()));
  CHECK_THAT(answer.text("timestamp"), Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})"));
}

TEST_CASE("status: while the spawner cannot be started it says so and why, tasks wait, and run when it can") {
  Daemon daemon;
  const auto program = daemon.directory() / "vx11-spawner";
  const auto away = daemon.directory() / "away";
  std::filesystem::copy_file(daemon.setting("spawner.binary"), program);
  daemon.set("spawner.binary", program.string());
  daemon.start();
  daemon.openWindow("spawner");
  const auto first = daemon.spawnerPid();
  std::filesystem::rename(program, away);
  ::kill(first, SIGTERM);  // one that is killed may come back by itself
  Answer answer;
  REQUIRE(eventually([&] {
    answer = daemon.http().get("/vx11/status");
    return answer.text("spawner_reason").find(program.string()) != std::string::npos;
  }));
  CHECK(answer.text("spawner_available") == "false");
  CHECK(answer.text("spawner_pid") == "null");
  CHECK(daemon.http().get("/health").status == 200);
  const auto id = accept(daemon, shell("echo at last"));
  const auto waiting = daemon.http().get("/vx11/result/" + id);
  CHECK(waiting.text("status") == "QUEUED");
  CHECK_THAT(waiting.text("queue_reason"), Catch::Matchers::Contains(program.string()));
  std::filesystem::rename(away, program);
  CHECK(finished(daemon, id).text("stdout") == "at last\n");
}

TEST_CASE("status: a spawner that dies is replaced and reported") {
  OpenDaemon daemon;
  CHECK(run(daemon, shell("true")).text("status") == "DONE");
  const auto first = daemon.spawnerPid();
  ::kill(first, SIGKILL);
  REQUIRE(eventually([&] {
    const auto answer = daemon.http().get("/vx11/status");
    return answer.text("spawner_available") == "true" && answer.text("spawner_pid") != std::to_string(first);
  }));
  CHECK(run(daemon, shell("true")).text("status") == "DONE");
}
