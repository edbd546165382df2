// POST /vx11/backups: made while the host works, and a state directory of its own.
#include <filesystem>
#include <future>

#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace fs = std::filesystem;

TEST_CASE("backup: made under load it is whole, and a host that begins with it has everything") {
  OpenDaemon daemon;
  const auto small = run(daemon, shell("echo small; exit 3")).text("spawn_id");
  const auto large = run(daemon, shell("seq 100000")).text("spawn_id");
  const auto go = sharedDirectory(daemon) / "go";
  const auto running = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, running);
  auto load = std::async(std::launch::async, [&] {
    for (int i = 0; i < 50; ++i) run(daemon, shell("seq 20000"));
  });
  const auto answer = daemon.http().post("/vx11/backups", "");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  const fs::path backup = answer.text("path");
  CHECK(backup.parent_path() == daemon.stateDirectory() / "backups");
  CHECK(std::stoi(answer.text("outputs")) >= 1);
  load.get();
  const SqliteReader database(backup / "vx11.db");
  CHECK(database.value("PRAGMA integrity_check") == "ok");
  CHECK(database.value("SELECT count(*) FROM spawns") == answer.text("spawns"));
  // Whatever it names is there.
  for (const auto& row : database.rows("SELECT stdout_file FROM spawns WHERE stdout_file IS NOT NULL"))
    CHECK(fs::exists(backup / "spool" / *row[0]));
  CHECK((fs::status(backup).permissions() & fs::perms::all) == fs::perms::owner_all);
  CHECK_FALSE(fs::exists(backup / "token"));
  writeFile(go, "");
  finished(daemon, running);

  OpenDaemon other({{"tasks.max_running", "4"}});
  other.terminate();
  const auto state = other.directory() / "restored";
  fs::copy(backup, state, fs::copy_options::recursive);
  other.set("state.directory", state.string());
  other.start();
  CHECK(other.http().get("/vx11/result/" + small).text("exit_code") == "3");
  CHECK(other.http().get("/vx11/spawns/" + large + "/stdout").body.size() == 588'895);
  // What ran then is nobody's here.
  CHECK(finished(other, running).text("outcome") == "interrupted");
  CHECK(run(other, shell("echo goes on")).text("stdout") == "goes on\n");
}

TEST_CASE("backup: where it cannot be made nothing of it stays, and the host goes on") {
  OpenDaemon daemon;
  run(daemon, shell("true"));
  writeFile(daemon.stateDirectory() / "backups", "in the way");
  const auto answer = daemon.http().post("/vx11/backups", "");
  checkProblem(answer, 503, "storage");
  CHECK_THAT(answer.text("detail"), Contains("the backup cannot be made") && Contains("backups"));
  CHECK(run(daemon, shell("echo fine")).text("stdout") == "fine\n");
  fs::remove(daemon.stateDirectory() / "backups");
  // What a killed host had begun is cleared away by the next one of that name only; another name is free at
  // once.
  CHECK(daemon.http().post("/vx11/backups", "").status == 200);
  CHECK(daemon.http().post("/vx11/backups", "").status == 200);
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(daemon.stateDirectory() / "backups"))
    ++count;
  CHECK(count == 2);
}
