#include <functional>
#include <sstream>

#include "calls.hpp"
#include "catch.hpp"
#include "process.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// The lines that speak of one task, of one event.
std::vector<std::string> linesOf(const std::string& log, const std::string& event,
                                 const std::string& spawn_id) {
  std::vector<std::string> found;
  std::istringstream in(log);
  for (std::string line; std::getline(in, line);) {
    if (line.find("event=" + event + " ") != std::string::npos &&
        line.find("spawn_id=" + spawn_id) != std::string::npos) {
      found.push_back(line);
    }
  }
  return found;
}

std::string spawnerLog(const Daemon& daemon) {
  return readFile(daemon.stateDirectory() / "vx11-spawner.log");
}

}  // namespace

TEST_CASE("logs: the report's grep on the spawner's log finds every task") {
  OpenDaemon daemon;
  std::vector<Answer> results;
  for (const char* type : {"shell", "bash", "python"}) results.push_back(run(daemon, task(type, "exit(3)")));
  results.push_back(run(daemon, shell("true"), {{"X-Correlation-Id", "an-agent"}}));
  for (const auto& result : results) {
    INFO(spawnerLog(daemon));
    CHECK(eventually(
        [&] { return !linesOf(spawnerLog(daemon), "daughter.finished", result.text("spawn_id")).empty(); }));
  }
  const auto grep = runCommand({"grep", "-iE", "switch|routing|provider|hermes|cli|trace_id|delegation",
                                (daemon.stateDirectory() / "vx11-spawner.log").string()});
  CHECK(grep.exit_status == 0);
  for (const auto& result : results) {
    CHECK_THAT(grep.out,
               Contains(result.text("spawn_id")) && Contains("trace_id=" + result.text("correlation_id")));
  }
}

TEST_CASE("logs: host and spawner write one line a step with event, trace_id, spawn_id and task_type") {
  OpenDaemon daemon;
  const auto result = run(daemon, task("bash", "true"), {{"X-Correlation-Id", "an-agent"}});
  const auto id = result.text("spawn_id");
  const auto check = [&](const std::function<std::string()>& log, const std::string& event) {
    INFO(event);
    CHECK(eventually([&] { return !linesOf(log(), event, id).empty(); }));
    const auto lines = linesOf(log(), event, id);
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0],
               Catch::Matchers::Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} info event=)" + event +
                                        " trace_id=an-agent spawn_id=" + id + " task_type=bash( .*)?"));
  };
  for (const char* event : {"spawn.accepted", "spawn.finished"}) check([&] { return daemon.log(); }, event);
  for (const char* event : {"daughter.started", "daughter.finished"})
    check([&] { return spawnerLog(daemon); }, event);
}

TEST_CASE("logs: neither code nor input nor output nor the token is in them, and no client forges a line") {
  OpenDaemon daemon;
  auto body = shell("echo printed-text # written-code");
  body.set("stdin", "given-input");
  body.set("label", "x\nevent=forged");
  run(daemon, body);
  daemon.http().get("/vx11/result/a%0Aevent=forged");
  daemon.http().post("/vx11/spawn", R"({"task_type":"a\nevent=forged","code":"x"})");
  CHECK(eventually([&] { return spawnerLog(daemon).find("daughter.finished") != std::string::npos; }));
  for (const auto& log : {daemon.log(), spawnerLog(daemon)}) {
    CHECK_THAT(log, !Contains("printed-text") && !Contains("written-code") && !Contains("given-input") &&
                        !Contains(daemon.token()) && !Contains("\nevent=forged"));
  }
}
