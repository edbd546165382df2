#include "spawner/daughters/launch_plan.hpp"

#include <algorithm>

#include "catch.hpp"
#include "spawner/failure.hpp"

using namespace vx11;
using namespace vx11::spawner;

namespace {

Start python() {
  Start start;
  start.spawn_uuid = "uuid";
  start.correlation_id = "cid";
  start.program = "/usr/bin/python3";
  start.args = {{"-u", false}, {"main.py", true}};
  return start;
}

std::string valueOf(const LaunchPlan& plan, const std::string& name) {
  const auto count =
      std::count_if(plan.env.begin(), plan.env.end(), [&](const auto& e) { return e.first == name; });
  if (count != 1) return "(" + std::to_string(count) + " times)";
  return std::find_if(plan.env.begin(), plan.env.end(), [&](const auto& e) { return e.first == name; })
      ->second;
}

}  // namespace

TEST_CASE("launch plan: argv starts with the program and names files by their path") {
  const auto plan = makeLaunchPlan(python(), "/run/tasks/t", 7);
  CHECK(plan.argv == std::vector<std::string>{"/usr/bin/python3", "-u", "/run/tasks/t/main.py"});
  CHECK(plan.directory == "/run/tasks/t");
  CHECK(plan.uid == 7);
}

TEST_CASE("launch plan: a variable stands there once, the stronger source wins") {
  auto start = python();
  start.traceparent = "tp";
  start.env = {{"TRACEPARENT", "mine"}, {"VX11_TASK_ID", "mine"}, {"PWD", "/mine"}, {"TMPDIR", "/mine"},
               {"LANG", "de"},          {"LANG", "fr"},           {"X", ""}};
  start.cwd = "/srv";
  const auto plan = makeLaunchPlan(start, "/t", 0);
  CHECK(valueOf(plan, "TRACEPARENT") == "tp");
  CHECK(valueOf(plan, "VX11_TASK_ID") == "uuid");
  CHECK(valueOf(plan, "VX11_CORRELATION_ID") == "cid");
  CHECK(valueOf(plan, "PWD") == "/srv");
  CHECK(valueOf(plan, "TMPDIR") == "/mine");
  CHECK(valueOf(plan, "HOME") == "/t");
  CHECK(valueOf(plan, "LANG") == "de");
  CHECK(valueOf(plan, "X").empty());
  CHECK(valueOf(plan, "PATH") == "/usr/local/bin:/usr/bin:/bin");
}

TEST_CASE("launch plan: without a traceparent there is no TRACEPARENT") {
  CHECK(valueOf(makeLaunchPlan(python(), "/t", 0), "TRACEPARENT") == "(0 times)");
}

TEST_CASE("launch plan: a NUL anywhere is refused") {
  const std::string nul("a\0b", 3);
  auto start = python();
  start.program = "/bin/" + nul;
  CHECK_THROWS_AS(makeLaunchPlan(start, "/t", 0), CannotLaunch);
  start = python();
  start.env = {{"A", nul}};
  CHECK_THROWS_AS(makeLaunchPlan(start, "/t", 0), CannotLaunch);
  start = python();
  start.cwd = "/" + nul;
  CHECK_THROWS_AS(makeLaunchPlan(start, "/t", 0), CannotLaunch);
  start = python();
  start.correlation_id = nul;
  CHECK_THROWS_AS(makeLaunchPlan(start, "/t", 0), CannotLaunch);
}

TEST_CASE("launch plan: secrets come beside the environment, win over it, and are printed by name only") {
  auto start = python();
  start.env.emplace_back("KEY", "open");
  start.secret_env = {{"KEY", "hush"}, {"VX11_TASK_ID", "forged"}, {"PWD", "/elsewhere"}};
  const auto plan = makeLaunchPlan(start, "/t", 9);
  CHECK(plan.secret_env == std::vector<std::pair<std::string, std::string>>{{"KEY", "hush"}});
  CHECK(valueOf(plan, "KEY") == "(0 times)");
  CHECK(valueOf(plan, "VX11_TASK_ID") == start.spawn_uuid);
  const auto json = toJson(plan);
  CHECK(json.find("\"secret_env\":[\"KEY\"]") != std::string::npos);
  CHECK(json.find("hush") == std::string::npos);
  start.secret_env = {{"A", std::string("x\0", 2)}};
  CHECK_THROWS_AS(makeLaunchPlan(start, "/t", 0), CannotLaunch);
}

TEST_CASE("launch plan: any plan prints as one line of JSON") {
  auto start = python();
  start.args.push_back({"quote \" back \\ line\n\xff", false});
  const auto json = toJson(makeLaunchPlan(start, "/t", 9));
  CHECK(json.find("\"program\":\"/usr/bin/python3\"") != std::string::npos);
  CHECK(json.find("\"quote \\\" back \\\\ line\\u000a\\u00ff\"") != std::string::npos);
  CHECK(json.find("\"uid\":9,\"stdin\":false,\"files\":[]}") != std::string::npos);
  CHECK(json.find('\n') == std::string::npos);
}
