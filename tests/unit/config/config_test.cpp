#include "config/config.hpp"

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "catch.hpp"
#include "temp_directory.hpp"

using namespace vx11;
namespace fs = std::filesystem;
using Catch::Contains;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

std::string refusal(const config::Sources& sources) {
  try {
    config::load(sources);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kConfiguration);
    return error.what();
  }
  return "accepted";
}

std::string refusalOf(const std::string& assignment) {
  return refusal({{}, {assignment}});
}

}  // namespace

TEST_CASE("config: the defaults alone make a configuration") {
  const auto config = config::load({});
  CHECK(config.http.host == "127.0.0.1");
  CHECK(config.http.port == 8000);
  CHECK(config.tasks.max_running == 256);
  CHECK(config.tasks.kill_grace == std::chrono::seconds(2));
  CHECK(config.auth.token_file == config.state_directory / "token");
  CHECK(config.tasks.directory.is_absolute());
  CHECK_FALSE(config.plugin_path.empty());
}

TEST_CASE("config: files, drop-ins in order of name and --set win over one another") {
  const test::TempDirectory directory;
  const auto file = directory.path() / "vx11d.properties";
  write(file,
        "# a comment\n\nhttp.port = 1\ntasks.max_running=1\ntasks.max_queued = 1\npolicy.on_close = kill\n");
  write(directory.path() / "conf.d/20.properties", "tasks.max_queued = 3\n");
  write(directory.path() / "conf.d/10.properties", "tasks.max_running = 2\ntasks.max_queued = 2\n");
  write(directory.path() / "conf.d/README", "not read\n");
  const auto config = config::load({file, {"http.port=4"}});
  CHECK(config.http.port == 4);
  CHECK(config.tasks.max_running == 2);
  CHECK(config.tasks.max_queued == 3);
  CHECK(config.policy.kill_on_close);
}

TEST_CASE("config: an unknown key is refused with file, line and the nearest name") {
  const test::TempDirectory directory;
  const auto file = directory.path() / "vx11d.properties";
  write(file, "http.port = 8000\n\nhttp.prot = 1\n");
  CHECK(refusal({file, {}}) == file.string() + ":3: unknown key \"http.prot\"; did you mean \"http.port\"?");
}

TEST_CASE("config: a key that stands twice in one file is refused with both lines") {
  const test::TempDirectory directory;
  const auto file = directory.path() / "vx11d.properties";
  write(file, "http.port = 1\nhttp.host = ::1\nhttp.port = 2\n");
  CHECK(refusal({file, {}}) ==
        file.string() + ":3: http.port stands twice in this file: first at " + file.string() + ":1");
}

TEST_CASE("config: task directories and the state are kept apart, whatever way they are written") {
  const test::TempDirectory directory;
  const auto at = [&](const std::string& state, const std::string& tasks) {
    const auto path = [&](const std::string& name) { return (directory.path() / name).string(); };
    return refusal({{}, {"state.directory=" + path(state), "tasks.directory=" + path(tasks)}});
  };
  std::filesystem::create_directory(directory.path() / "real");
  std::filesystem::create_directory_symlink(directory.path() / "real", directory.path() / "link");
  for (const auto& [state, tasks] : std::vector<std::pair<std::string, std::string>>{{"a", "a"},
                                                                                     {"a", "a/b"},
                                                                                     {"a/b", "a"},
                                                                                     {"a/", "a"},
                                                                                     {"a", "a/"},
                                                                                     {"real/s", "link"},
                                                                                     {"link", "real/x/y"},
                                                                                     {"a", "b/../a"}}) {
    INFO(state << " and " << tasks);
    CHECK_THAT(at(state, tasks), Contains("must lie outside of state.directory"));
  }
  for (const auto& [state, tasks] : std::vector<std::pair<std::string, std::string>>{
           {"a", "b"}, {"a", "ab"}, {"ab", "a"}, {"real", "x"}}) {
    INFO(state << " and " << tasks);
    CHECK(at(state, tasks) == "accepted");
  }
}

TEST_CASE("config: a bad value is refused with file and line") {
  const test::TempDirectory directory;
  const auto file = directory.path() / "vx11d.properties";
  write(file, "http.port = 65536\n");
  CHECK_THAT(refusal({file, {}}),
             Contains(file.string() + ":1: http.port must be a whole number from 0 to 65535"));
  write(file, "no equals sign\n");
  CHECK_THAT(refusal({file, {}}), Contains(":1: expected key = value"));
}

TEST_CASE("config: a file that is not there is named") {
  CHECK_THAT(refusal({"/nonexistent/vx11d.properties", {}}), Contains("/nonexistent/vx11d.properties"));
}

TEST_CASE("config: each kind of value refuses what it is not") {
  CHECK_THAT(refusalOf("http.port=abc"), Contains("--set http.port=abc: http.port must be a whole number"));
  CHECK_THAT(refusalOf("http.port="), Contains("whole number"));
  CHECK_THAT(refusalOf("auth.required=yes"), Contains("must be true or false"));
  CHECK_THAT(refusalOf("policy.on_close=wait"), Contains("must be kill or drain"));
  CHECK_THAT(refusalOf("policy.standing_windows=spawner,door"),
             Contains("list of switch, spawner and hermes, not \"spawner,door\""));
  CHECK_THAT(refusalOf("state.directory=relative"), Contains("absolute path"));
  CHECK_THAT(refusalOf("tasks.uid_range=0-10"), Contains("from 1000"));
  CHECK_THAT(refusalOf("tasks.uid_range=2000-1000"), Contains("FIRST below LAST"));
  CHECK_THAT(refusalOf("tasks.uid_range=2000-2000"), Contains("FIRST below LAST"));
  CHECK_THAT(refusalOf("http.port"), Contains("expected key=value"));
}

TEST_CASE("config: a door without token must stay on loopback") {
  CHECK_THAT(refusal({{}, {"auth.required=false", "http.host=0.0.0.0"}}),
             Contains("accepted only on loopback"));
  CHECK_THAT(refusal({{}, {"auth.required=false", "http.host=127.example.org"}}),
             Contains("only on loopback"));
  CHECK_FALSE(config::load({{}, {"auth.required=false"}}).auth.required);
  CHECK_FALSE(config::load({{}, {"auth.required=false", "http.host=127.0.0.2"}}).auth.required);
}

TEST_CASE("config: two installations get task directories and sockets of their own") {
  const auto a = config::load({{}, {"state.directory=/var/lib/a"}});
  const auto b = config::load({{}, {"state.directory=/var/lib/b"}});
  CHECK(a.tasks.directory != b.tasks.directory);
  CHECK(a.spawner.socket != b.spawner.socket);
}

TEST_CASE("config: an interpreter's program is kept by plugin name") {
  const auto config = config::load({{}, {"interpreter.python.program=/opt/python"}});
  CHECK(config.interpreter_programs.at("python") == "/opt/python");
}
