// `limits`, `on_output_limit` and `secret_env` of POST /vx11/spawn.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

Json with(Json task, const std::string& limit, int64_t value) {
  Json::Ptr limits = new Json;
  limits->set(limit, value);
  task.set("limits", limits);
  return task;
}

// Whether any file of the state directory holds these bytes.
bool isWrittenDown(const Daemon& daemon, const std::string& secret) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(daemon.stateDirectory())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    if (content.find(secret) != std::string::npos) return true;
  }
  return daemon.log().find(secret) != std::string::npos;
}

}  // namespace

TEST_CASE("limits: each holds for the program, and what exceeds it ends or fails") {
  OpenDaemon daemon;
  const auto cpu = run(daemon, with(shell("while :; do :; done"), "cpu_seconds", 1));
  CHECK(cpu.text("outcome") == "failed");
  CHECK(cpu.text("signal") == "24");
  CHECK_THAT(cpu.text("reason"), Contains("SIGXCPU"));
  const auto file = run(daemon, with(shell("head -c 100000 /dev/zero > f; wc -c < f"), "file_bytes", 50'000));
  CHECK_THAT(file.text("stdout"), Contains("50000"));
  CHECK(run(daemon, with(shell("ulimit -n"), "open_files", 20)).text("stdout") == "20\n");
  CHECK(run(daemon, with(shell("ulimit -v"), "address_space_bytes", 1 << 30)).text("stdout") == "1048576\n");
  const auto memory = run(daemon, with(task("python", "x = bytearray(200 * 1024 * 1024)"),
                                       "address_space_bytes", int64_t{128} << 20));
  CHECK_THAT(memory.text("stderr"), Contains("MemoryError"));
  // Without limits of its own it has what all have.
  CHECK(run(daemon, shell("ulimit -v; ulimit -t; ulimit -f")).text("stdout") ==
        "unlimited\nunlimited\nunlimited\n");
}

TEST_CASE("limits: as many processes as the task may have, where they can be counted") {
  OpenDaemon daemon;
  if (daemon.http().get("/vx11/status").text("isolation") == "same-user") return;
  const auto few = run(daemon, with(shell("grep 'Max processes' /proc/self/limits"), "processes", 7));
  CHECK_THAT(few.text("stdout"), Contains(" 7 "));
  // Never more than the configuration has.
  const auto many = run(daemon, with(shell("grep 'Max processes' /proc/self/limits"), "processes", 100'000));
  CHECK_THAT(many.text("stdout"), Contains(" 1024 "));
}

TEST_CASE("limits: more output than is kept is dropped, or ends the task") {
  OpenDaemon daemon;
  const auto dropped = run(daemon, with(shell("seq 100000; echo end >&2"), "output_bytes", 1000));
  CHECK(dropped.text("outcome") == "succeeded");
  CHECK(dropped.text("stdout").size() == 1000);
  CHECK(dropped.text("stdout_bytes") == "588895");
  CHECK(dropped.text("stderr") == "end\n");
  CHECK_THAT(dropped.text("reason"), Contains("first 1000 bytes (limits.output_bytes)"));

  auto flood = with(shell("yes"), "output_bytes", 1000);
  flood.set("on_output_limit", "kill");
  const auto killed = run(daemon, flood);
  CHECK(killed.text("status") == "ERROR");
  CHECK(killed.text("outcome") == "output_limit");
  CHECK_THAT(killed.text("reason"), Contains("it wrote more than is kept"));
  CHECK(killed.text("tree_empty") == "true");
  // It had ended before anybody looked: the same.
  auto fast = with(shell("head -c 1001 /dev/zero"), "output_bytes", 1000);
  fast.set("on_output_limit", "kill");
  CHECK(run(daemon, fast).text("outcome") == "output_limit");
  auto exact = with(shell("head -c 1000 /dev/zero"), "output_bytes", 1000);
  exact.set("on_output_limit", "kill");
  CHECK(run(daemon, exact).text("outcome") == "succeeded");
  CHECK(SqliteReader(daemon.database())
            .value("SELECT count(*) FROM cli_usage_stats WHERE error_class = 'output_limit'") == "2");
}

TEST_CASE("limits: they are kept while a task waits, over a restart too") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto go = sharedDirectory(daemon) / "go";
  const auto first = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, first);
  const auto waiting = accept(daemon, with(shell("ulimit -n"), "open_files", 21));
  daemon.kill9();
  daemon.start();
  writeFile(go, "");
  CHECK(finished(daemon, waiting).text("stdout") == "21\n");
}

TEST_CASE("secrets: the task has them, and nobody writes them down") {
  OpenDaemon daemon;
  const std::string secret = "correct-horse-battery-staple";
  auto body = shell("echo \"$KEY\" | wc -c; env | grep -c '^KEY='");
  body.set("secret_env", object({{"KEY", secret}}));
  body.set("max_retries", 1);
  const auto result = run(daemon, body);
  CHECK(result.text("stdout") == std::to_string(secret.size() + 1) + "\n1\n");
  auto failing = shell("test ${#KEY} -gt 5 || exit 9; test -e '" + (sharedDirectory(daemon) / "x").string() +
                       "' && exit 0; : > '" + (sharedDirectory(daemon) / "x").string() + "'; exit 1");
  failing.set("secret_env", object({{"KEY", secret}}));
  failing.set("max_retries", 1);
  // Each attempt has them.
  CHECK(run(daemon, failing).text("outcome") == "succeeded");
  CHECK_FALSE(isWrittenDown(daemon, secret));
  daemon.terminate();
  CHECK_FALSE(isWrittenDown(daemon, secret));
}

TEST_CASE("secrets: a task that still waits when the host ends has lost them, and says so") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto go = sharedDirectory(daemon) / "go";
  const auto first = accept(daemon, shell(waitFor(go)));
  untilRunning(daemon, first);
  auto body = shell("echo never");
  body.set("secret_env", object({{"KEY", "hush-hush-hush"}}));
  const auto waiting = accept(daemon, body);
  CHECK_FALSE(isWrittenDown(daemon, "hush-hush-hush"));
  daemon.kill9();
  daemon.start();
  writeFile(go, "");
  const auto result = finished(daemon, waiting);
  CHECK(result.text("outcome") == "interrupted");
  CHECK_THAT(result.text("reason"), Contains("submit it again"));
  CHECK(result.json()->isNull("started_at"));
}
