#include <sys/stat.h>

#include "catch.hpp"
#include "setting.hpp"
#include "temp_directory.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("start: a token file that others may read is refused with the command that helps") {
  for (const unsigned mode : {0644u, 0604u, 0660u}) {
    Daemon daemon;
    const auto file = daemon.directory() / "token";
    writeFile(file, daemon.token() + "\n", mode);
    const auto refusal = daemon.runExpectingFailure();
    INFO(mode);
    CHECK(refusal.exit_status == 1);
    CHECK_THAT(refusal.err, Contains(file.string()) && Contains("chmod 600"));
  }
  Daemon packaged;  // 0640 is how a group of operators reads it
  writeFile(packaged.directory() / "token", packaged.token() + "\n", 0640);
  packaged.start();
  CHECK(packaged.http().get("/vx11/status").status == 200);
}

TEST_CASE(
    "start: the token is made with mode 0600 at the first start and kept at the next, under umask 002 too") {
  Daemon daemon;
  daemon.unset("auth.token_file");
  startThrough(daemon, "umask 002");
  daemon.start();
  const auto file = daemon.stateDirectory() / "token";
  CHECK(modeOf(file) == 0600);
  auto token = readFile(file);
  REQUIRE(token.size() == 65);
  token.pop_back();
  CHECK(HttpClient(daemon.port(), token).get("/vx11/status").status == 200);
  CHECK(HttpClient(daemon.port(), token + "x").get("/vx11/status").text("error") == "forbidden");
  CHECK(daemon.httpWithoutToken().get("/vx11/status").text("error") == "auth_required");
  CHECK_THAT(daemon.log(), !Contains(token));
  daemon.restart();
  CHECK(readFile(file) == token + "\n");
}

TEST_CASE("start: the token is the first line, trimmed, of any length, and an empty one is refused") {
  Daemon daemon;
  const std::string token(5000, 'k');
  writeFile(daemon.directory() / "token", "  " + token + " \r\nsecond line\n", 0600);
  daemon.start();
  CHECK(HttpClient(daemon.port(), token).get("/vx11/status").status == 200);
  CHECK(HttpClient(daemon.port(), token.substr(1)).get("/vx11/status").status == 403);
  CHECK(daemon.terminate() == 0);
  writeFile(daemon.directory() / "token", "\n" + token, 0600);
  CHECK_THAT(daemon.runExpectingFailure().err, Contains("is empty"));
}

TEST_CASE("start: auth.required = false on loopback serves without a token") {
  Daemon daemon({{"auth.required", "false"}});
  daemon.start();
  const auto http = daemon.httpWithoutToken();
  CHECK(http.get("/vx11/status").status == 200);
  CHECK(http.post("/vx11/window/open", R"({"target":"spawner"})").status == 200);
  CHECK(http.post("/vx11/spawn?wait=60", spawnBody("shell", "echo open")).text("stdout") == "open\n");
}
