// GET /metrics.
#include <map>
#include <regex>
#include <sstream>

#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Name with labels to value. CHECKs that each line is a sample or a comment of the format, and each metric
// typed.
std::map<std::string, double> samplesOf(const std::string& text) {
  static const std::regex sample(R"re(([a-z_0-9]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (\S+))re");
  std::map<std::string, double> samples;
  std::string type;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# TYPE ")) type = line.substr(7, line.find(' ', 7) - 7);
    if (line.starts_with("#")) continue;
    std::smatch parts;
    REQUIRE(std::regex_match(line, parts, sample));
    CHECK(parts[1].str().starts_with(type));
    CHECK(samples.emplace(parts[1].str() + parts[2].str(), std::stod(parts[4])).second);
  }
  return samples;
}

std::map<std::string, double> metrics(const Daemon& daemon) {
  const auto answer = daemon.httpWithoutToken().get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  return samplesOf(answer.body);
}

}  // namespace

TEST_CASE("metrics: tasks, windows, the door and the database are counted, without a token") {
  OpenDaemon daemon;
  auto before = metrics(daemon);
  CHECK(before.at("vx11_tasks_running") == 0);
  CHECK(before.at("vx11_spawner_up") == 1);
  CHECK(before.at(R"(vx11_window_open{target="spawner"})") == 1);
  CHECK(before.at(R"(vx11_window_open{target="switch"})") == 0);
  run(daemon, shell("true"));
  run(daemon, shell("exit 1"));
  run(daemon, task("python", "print(1)"));
  const auto waiting = accept(daemon, shell("exec sleep 1000"));
  untilRunning(daemon, waiting);
  daemon.http().get("/vx11/result/nobody");
  auto after = metrics(daemon);
  CHECK(after.at(R"(vx11_tasks_accepted_total{task_type="shell"})") == 3);
  CHECK(after.at(R"(vx11_tasks_accepted_total{task_type="python"})") == 1);
  CHECK(after.at(R"(vx11_task_attempts_ended_total{task_type="shell",outcome="succeeded"})") == 1);
  CHECK(after.at(R"(vx11_task_attempts_ended_total{task_type="shell",outcome="failed"})") == 1);
  CHECK(after.at(R"(vx11_task_duration_seconds_count{task_type="shell"})") == 2);
  CHECK(after.at(R"(vx11_task_duration_seconds_bucket{task_type="shell",le="+Inf"})") == 2);
  CHECK(after.at(R"(vx11_task_duration_seconds_bucket{task_type="shell",le="86400"})") == 2);
  CHECK(after.at("vx11_tasks_running") == 1);
  CHECK(after.at(R"(vx11_http_responses_total{code="404"})") == 1);
  CHECK(after.at("vx11_database_commits_total") > before.at("vx11_database_commits_total"));
  CHECK(after.at("vx11_database_size_bytes") > 0);
  CHECK(after.at("process_resident_memory_bytes") > 1e6);
  CHECK(after.at("process_open_fds") > 5);
  CHECK(after.at("process_cpu_seconds_total") > 0);
}

TEST_CASE("metrics: with auth.open_metrics = false they need the token like everything else") {
  OpenDaemon daemon({{"auth.open_metrics", "false"}});
  checkProblem(daemon.httpWithoutToken().get("/metrics"), 401, "auth_required");
  CHECK(daemon.http().get("/metrics").status == 200);
}
