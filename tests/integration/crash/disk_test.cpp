// The disk of the state directory is full. A small tmpfs of vx11d's own plays it.
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "catch.hpp"
#include "not_shown_here.hpp"
#include "process.hpp"
#include "scene.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// The state directory as vx11d sees it, from our side of its mounts.
std::filesystem::path insideOf(const Daemon& daemon) {
  return "/proc/" + std::to_string(daemon.pid()) + "/root" + daemon.stateDirectory().string();
}

// From within, for SQLite resolves the link under /proc to a path of our own mounts.
std::string query(const Daemon& daemon, const std::string& sql) {
  const auto result = runCommand({"nsenter", "-t", std::to_string(daemon.pid()), "-m", "sqlite3", "-readonly",
                                  daemon.database().string(), sql});
  if (result.exit_status != 0) throw std::runtime_error(result.err + ": " + sql);
  return result.out.substr(0, result.out.find('\n'));
}

void startOnSmallDisk(Daemon& daemon, const std::string& size = "6m") {
  const auto script = daemon.directory() / "start";
  const auto state = daemon.stateDirectory().string();
  writeFile(daemon.directory() / "inner",
            "#!/bin/sh\nset -e\nmount -t tmpfs -o size=" + size + ",mode=0750 tmpfs '" + state +
                "'\nexec " VX11D_BINARY " \"$@\"\n",
            0755);
  writeFile(script, "#!/bin/sh\nexec unshare -m '" + (daemon.directory() / "inner").string() + "' \"$@\"\n",
            0755);
  daemon.setBinary(script);
  daemon.start();
  daemon.openWindow("spawner");
}

void fill(const std::filesystem::path& file) {
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  const std::string block(4096, 'f');
  while (stream.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
}

// The host has room in its log of changes for a few more rows: uses it up, until it says that there is none.
Answer postUntilRefused(const Daemon& daemon, std::vector<std::string>& accepted) {
  for (int i = 0; i < 500; ++i) {
    auto answer = daemon.http().post("/vx11/spawn", R"({"task_type":"shell","code":"echo queued"})");
    if (answer.status != 200) return answer;
    accepted.push_back(answer.text("spawn_id"));
  }
  return {};
}

}  // namespace

TEST_CASE(
    "crash: on a full disk posts are 503 storage, the host goes on, and nothing is lost once there is room") {
  if (runCommand({"unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"}).exit_status != 0)
    return notShownHere("no private mounts are allowed");
  Daemon daemon;
  const Playground ground(daemon);
  startOnSmallDisk(daemon);
  const auto inside = insideOf(daemon);
  REQUIRE(std::filesystem::exists(inside / "vx11.db"));
  const auto running = post(daemon, ground.sign() + ground.waitFor("go") + "echo through the flood; exit 3");
  const auto pid = runningPid(daemon, running);
  const auto wordy = post(daemon, ground.waitFor("go") + "head -c 300000 /dev/zero | tr '\\0' x");
  const auto wordy_pid = runningPid(daemon, wordy);

  fill(inside / "fill");
  std::vector<std::string> accepted;
  const auto refused = postUntilRefused(daemon, accepted);
  CHECK(refused.status == 503);
  CHECK(refused.text("error") == "storage");
  CHECK_THAT(refused.text("detail"), Contains("vx11.db") && (Contains("full") || Contains("disk")));
  CHECK(refused.headers.contains("retry-after"));
  CHECK(daemon.http().get("/health").status == 200);
  CHECK(daemon.http().get("/vx11/status").status == 200);
  const auto rows = query(daemon, "SELECT count(*) FROM spawns");
  CHECK(rows == std::to_string(accepted.size() + 2));  // what was refused left no row

  // Its end cannot be committed now.
  ground.release("go");
  REQUIRE(eventually([&] { return !alive(pid) && !alive(wordy_pid); }));
  CHECK(daemon.http().post("/vx11/spawn", R"({"task_type":"shell","code":"echo no"})").status == 503);
  CHECK(daemon.http().get("/vx11/result/" + running).text("finished_at") == "null");

  std::filesystem::remove(inside / "fill");
  const auto result = finished(daemon, running);
  CHECK(result.text("exit_code") == "3");
  CHECK(result.text("stdout") == "through the flood\n");
  // There was no room for all of its output, and it says so.
  const auto cut = finished(daemon, wordy);
  CHECK(cut.text("status") == "DONE");
  CHECK(cut.text("stdout") == std::string(65536, 'x'));
  CHECK(cut.text("stdout_bytes") == "300000");
  CHECK_THAT(cut.text("reason"), Contains("cut short"));
  for (const auto& id : accepted) CHECK(finished(daemon, id).text("stdout") == "queued\n");
  CHECK(finished(daemon, post(daemon, "echo room")).text("stdout") == "room\n");
  CHECK(ground.ledger().size() == 1);
  CHECK(query(daemon, "SELECT count(*) FROM spawns WHERE status <> 'completed' OR pid IS NOT NULL") == "1");
  CHECK(query(daemon, "SELECT count(*) FROM cli_usage_stats") == std::to_string(accepted.size() + 3));
  CHECK(query(daemon, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("crash: a host whose disk is full does not burn the processor until there is room") {
  if (runCommand({"unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"}).exit_status != 0)
    return notShownHere("no private mounts are allowed");
  Daemon daemon;
  const Playground ground(daemon);
  startOnSmallDisk(daemon);
  const auto inside = insideOf(daemon);
  std::vector<std::string> running;
  for (int i = 0; i < 5; ++i) running.push_back(post(daemon, ground.waitFor("go")));
  for (const auto& id : running) runningPid(daemon, id);
  fill(inside / "fill");
  std::vector<std::string> accepted;
  CHECK(postUntilRefused(daemon, accepted).status == 503);
  ground.release("go");

  const auto ticks = [&] {
    const auto stat = readFile("/proc/" + std::to_string(daemon.pid()) + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    long user = 0;
    long system = 0;
    fields >> user >> system;
    return user + system;
  };
  const auto before = ticks();
  // Half of a second of work in two: a host that tries again without a pause takes all there is.
  CHECK_FALSE(eventually([&] { return 2 * (ticks() - before) > sysconf(_SC_CLK_TCK) * kSlowness; },
                         std::chrono::milliseconds(2000)));
  std::filesystem::remove(inside / "fill");
  for (const auto& id : running) CHECK(finished(daemon, id).text("status") == "DONE");
}

TEST_CASE(
    "crash: a flood of output leaves the database its part of the disk, and the result says what is "
    "missing") {
  if (runCommand({"unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"}).exit_status != 0)
    return notShownHere("no private mounts are allowed");
  Daemon daemon({{"tasks.inline_output_bytes", "1000"}});  // so that the database hardly grows
  startOnSmallDisk(daemon, "32m");
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(post(daemon, "head -c 20000000 /dev/zero | tee /dev/stderr"));
  for (const auto& id : ids) {
    const auto flooded = finished(daemon, id);
    CHECK(flooded.text("status") == "DONE");
    CHECK(flooded.text("stdout_bytes") == "20000000");
    CHECK_THAT(flooded.text("reason"), Contains("the disk of the state directory is nearly full"));
  }
  const auto space = std::filesystem::space(insideOf(daemon));
  CHECK(space.available > space.capacity / 4 - 1024 * 1024);
  for (int i = 0; i < 20; ++i)
    CHECK(finished(daemon, post(daemon, "echo goes on")).text("stdout") == "goes on\n");
}
