// What vx11d says about its command line and its configuration, before anything else happens.
#include <algorithm>

#include "catch.hpp"
#include "process.hpp"
#include "setting.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

size_t linesOf(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

CommandResult vx11d(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), VX11D_BINARY);
  return runCommand(std::move(arguments));
}

}  // namespace

TEST_CASE("start: --check-config says that a good configuration is good, and touches nothing") {
  const TempDirectory directory;
  writeFile(directory / "vx11d.properties",
            "http.port = 8123\nstate.directory = " + (directory / "state").string());
  const auto result = vx11d({"--config", (directory / "vx11d.properties").string(), "--check-config"});
  CHECK(result.exit_status == 0);
  CHECK_THAT(result.out, Contains("good"));
  CHECK(result.err.empty());
  CHECK_FALSE(std::filesystem::exists(directory / "state"));
}

TEST_CASE("start: --check-config refuses an unknown key with file, line and the nearest key") {
  const TempDirectory directory;
  const auto file = (directory / "vx11d.properties").string();
  writeFile(file, "# a comment\nhttp.port = 8123\n\nhttp.prot = 1\n");
  for (const std::vector<std::string>& mode : {std::vector<std::string>{"--check-config"}, {}}) {
    std::vector<std::string> arguments{"--config", file};
    arguments.insert(arguments.end(), mode.begin(), mode.end());
    const auto result = vx11d(arguments);
    CHECK(result.exit_status == 1);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Contains(file + ":4") && Contains("http.prot") && Contains("http.port"));
    CHECK(linesOf(result.err) == 1);
  }
}

TEST_CASE("start: a bad value names file and line, also in a drop-in") {
  const TempDirectory directory;
  const auto file = (directory / "vx11d.properties").string();
  writeFile(file, "http.port = many\n");
  auto result = vx11d({"--config", file, "--check-config"});
  CHECK(result.exit_status == 1);
  CHECK_THAT(result.err, Contains(file + ":1") && Contains("http.port") && Contains("many"));

  std::filesystem::create_directory(directory / "conf.d");
  const auto drop_in = (directory / "conf.d" / "10-mine.properties").string();
  writeFile(file, "http.port = 8123\n");
  writeFile(drop_in, "\ntasks.max_running = 0\n");
  result = vx11d({"--config", file, "--check-config"});
  CHECK(result.exit_status == 1);
  CHECK_THAT(result.err, Contains(drop_in + ":2") && Contains("tasks.max_running"));
}

TEST_CASE("start: a bad --set is named, and a configuration file that is not there is") {
  auto result = vx11d({"--set", "tasks.max_runing=3", "--check-config"});
  CHECK(result.exit_status == 1);
  CHECK_THAT(result.err, Contains("--set tasks.max_runing=3") && Contains("tasks.max_running"));
  result = vx11d({"--config", "/nonexistent/vx11d.properties", "--check-config"});
  CHECK(result.exit_status == 1);
  CHECK_THAT(result.err, Contains("/nonexistent/vx11d.properties"));
}

TEST_CASE("start: an unknown argument and a missing value are exit status 2") {
  for (const char* argument : {"--frobnicate", "stray", "--config", "--set"}) {
    INFO(argument);
    const auto result = vx11d({argument});
    CHECK(result.exit_status == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Contains(argument));
    CHECK(linesOf(result.err) == 1);
  }
}

TEST_CASE("start: auth.required = false is refused where others can reach the door") {
  Daemon daemon({{"auth.required", "false"}, {"http.host", "0.0.0.0"}});
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains("auth.required") && Contains("loopback") && Contains("0.0.0.0"));
}
