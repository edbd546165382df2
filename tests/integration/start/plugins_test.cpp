// Plugin directories that give no interpreter: the host serves all the same, and says why.
#include <sys/stat.h>

#include "catch.hpp"
#include "setting.hpp"
#include "sqlite_reader.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Serves, has no task type, and tells a poster so.
void checkServesWithoutPlugins(Daemon& daemon, const std::string& reason) {
  daemon.start();
  CHECK(daemon.http().get("/health").status == 200);
  const auto plugins = daemon.http().get("/vx11/plugins");
  CHECK(plugins.status == 200);
  CHECK_THAT(plugins.body, Contains(R"("task_types":[])"));
  if (!reason.empty()) CHECK_THAT(plugins.body, Contains(R"("refused")") && Contains(reason));
  daemon.openWindow("spawner");
  const auto answer = daemon.http().post("/vx11/spawn", spawnBody("shell", "echo lost"));
  CHECK(answer.status == 422);
  CHECK(answer.text("error") == "invalid_field");
  CHECK_THAT(answer.body, Contains("task_type") && Contains("no interpreter plugin is loaded"));
  CHECK(SqliteReader(daemon.database()).value("SELECT count(*) FROM spawns") == "0");
}

}  // namespace

TEST_CASE("start: an empty plugin directory is served without task types") {
  Daemon daemon;
  const auto directory = daemon.directory() / "plugins";
  std::filesystem::create_directory(directory);
  daemon.set("plugins.path", directory.string());
  checkServesWithoutPlugins(daemon, "");
}

TEST_CASE("start: a missing plugin directory is listed with its reason") {
  Daemon daemon;
  daemon.set("plugins.path", (daemon.directory() / "absent").string());
  checkServesWithoutPlugins(daemon, "absent");
}

TEST_CASE(
    "start: a plugin directory that others may write is listed with its reason, and nothing of it is "
    "loaded") {
  Daemon daemon;
  const auto directory = daemon.directory() / "plugins";
  std::filesystem::create_directory(directory);
  for (const auto& entry : std::filesystem::directory_iterator(VX11_PLUGIN_DIRECTORY)) {
    std::filesystem::copy_file(entry.path(), directory / entry.path().filename());
  }
  REQUIRE(chmod(directory.c_str(), 0777) == 0);
  daemon.set("plugins.path", directory.string());
  checkServesWithoutPlugins(daemon, "may be written by others");
  // The same files serve as soon as the directory is right.
  REQUIRE(chmod(directory.c_str(), 0755) == 0);
  daemon.restart();
  CHECK_THAT(daemon.http().get("/vx11/plugins").body, Contains(R"("shell")") && Contains(R"("python")"));
}

TEST_CASE("start: one bad directory in plugins.path does not hide the good one") {
  Daemon daemon;
  daemon.set("plugins.path", (daemon.directory() / "absent").string() + ":" + VX11_PLUGIN_DIRECTORY);
  daemon.start();
  daemon.openWindow("spawner");
  CHECK(daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "true")).text("status") == "DONE");
}

TEST_CASE("start: an interpreter that is not installed is 422 with a hint and leaves no row") {
  Daemon daemon({{"interpreter.python.program", "/nonexistent/python3"}});
  daemon.start();
  daemon.openWindow("spawner");
  const auto answer = daemon.http().post("/vx11/spawn", spawnBody("python", "print(1)"));
  CHECK(answer.status == 422);
  CHECK(answer.text("error") == "interpreter_missing");
  CHECK_THAT(answer.text("detail"), Contains("/nonexistent/python3") && Contains("python"));
  CHECK_THAT(answer.text("hint"), Contains("interpreter.python.program"));
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT count(*) FROM spawns") == "0");
  CHECK(database.value("SELECT count(*) FROM routing_events") == "0");
  CHECK(daemon.http().post("/vx11/spawn?wait=60", spawnBody("shell", "true")).text("status") == "DONE");
}
