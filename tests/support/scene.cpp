#include "scene.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include <Poco/JSON/Object.h>

#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

namespace vx11::test {

Playground::Playground(const Daemon& daemon) : path_(daemon.directory() / "playground") {
  std::filesystem::create_directory(path_);
  // Without the sticky bit, which would keep one user id from adding to another's file
  // (fs.protected_regular).
  chmod(path_.c_str(), 0777);
  writeFile(path_ / "ledger", "", 0666);
}

std::string Playground::sign() const {
  return "echo $VX11_TASK_ID >> '" + (path_ / "ledger").string() + "'; ";
}

std::string Playground::waitFor(const std::string& name) const {
  return "until [ -e '" + (path_ / name).string() + "' ]; do sleep 0.05; done; ";
}

void Playground::release(const std::string& name) const {
  writeFile(path_ / name, "");
}

std::vector<std::string> Playground::ledger() const {
  auto all = lines("ledger");
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> Playground::lines(const std::string& name) const {
  std::vector<std::string> all;
  std::istringstream text(readFile(path_ / name));
  for (std::string line; std::getline(text, line) && !text.eof();) all.push_back(line);
  return all;
}

std::string post(const Daemon& daemon, const std::string& code) {
  Poco::JSON::Object body;
  body.set("task_type", "shell");
  body.set("code", code);
  const auto answer = daemon.http().post("/vx11/spawn", body);
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  REQUIRE(answer.text("spawn_id").starts_with("spawn-"));
  return answer.text("spawn_id");
}

Answer finished(const Daemon& daemon, const std::string& id) {
  const auto answer = daemon.http().get("/vx11/result/" + id + "?wait=60");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  REQUIRE(answer.text("finished_at") != "null");
  return answer;
}

pid_t runningPid(const Daemon& daemon, const std::string& id) {
  std::string pid;
  REQUIRE(eventually([&] {
    pid = daemon.http().get("/vx11/result/" + id).text("pid");
    return pid != "null";
  }));
  return static_cast<pid_t>(std::stol(pid));
}

bool alive(pid_t pid) {
  const std::string stat = readFile("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = stat.rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat.size() && stat[name_end + 2] != 'Z' &&
         stat[name_end + 2] != 'X';
}

void checkNothingStuck(const Daemon& daemon) {
  const SqliteReader database(daemon.database());
  const auto count = [&](const std::string& condition) {
    return database.value("SELECT count(*) FROM spawns WHERE " + condition);
  };
  CHECK(count("status NOT IN ('completed', 'failed', 'timeout', 'cancelled', 'interrupted')") == "0");
  CHECK(count("pid IS NOT NULL") == "0");
  CHECK(count("ended_at IS NULL") == "0");
  CHECK(count("(SELECT count(*) FROM routing_events e WHERE e.trace_id = correlation_id "
              "AND e.spawn_uuid = uuid AND e.route_type = 'spawn') <> 1") == "0");
  CHECK(count("(SELECT count(*) FROM cli_usage_stats u WHERE u.trace_id = correlation_id) <> "
              "(SELECT count(*) FROM spawn_attempts a WHERE a.spawn_uuid = uuid)") == "0");
  CHECK(database.value("PRAGMA integrity_check") == "ok");
  const auto status = daemon.http().get("/vx11/status");
  CHECK(status.text("tasks_running") == "0");
  CHECK(status.text("tasks_queued") == "0");
}

}  // namespace vx11::test
