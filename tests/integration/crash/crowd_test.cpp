// Many tasks at once, ending in every way.
#include <array>
#include <thread>

#include "catch.hpp"
#include "scene.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;

TEST_CASE("crash: of 200 tasks at once, ending in every way, none is stuck and none lacks its evidence") {
  Daemon daemon({{"tasks.max_running", "16"}});
  daemon.start();
  daemon.openWindow("spawner");
  constexpr std::array<const char*, 5> kEnds{"true", "false", "sleep 0.05", "kill -9 $$",
                                             "echo out; exit 42"};
  constexpr int kClients = 8;
  constexpr int kEach = 25;
  std::array<std::string, kClients> failures;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      try {
        const auto http = daemon.http();
        for (int i = 0; i < kEach; ++i) {
          const auto code = kEnds[static_cast<size_t>(client + i) % kEnds.size()];
          const auto answer =
              http.post("/vx11/spawn", std::string(R"({"task_type":"shell","code":")") + code + R"("})");
          if (answer.status != 200) failures[static_cast<size_t>(client)] = answer.body;
        }
      } catch (const std::exception& e) {
        failures[static_cast<size_t>(client)] = e.what();
      }
    });
  }
  for (auto& client : clients) client.join();
  for (const auto& failure : failures) CHECK(failure.empty());

  const SqliteReader database(daemon.database());
  CHECK(eventually(
      [&] { return database.value("SELECT count(*) FROM spawns WHERE ended_at IS NOT NULL") == "200"; },
      kDeadline * 3));
  const auto count = [&](const std::string& condition) {
    return database.value("SELECT count(*) FROM spawns WHERE " + condition);
  };
  CHECK(count("status = 'completed' AND exit_code = 0 AND signal IS NULL") == "80");
  CHECK(count("status = 'failed' AND exit_code = 1") == "40");
  CHECK(count("status = 'failed' AND exit_code = 42 AND stdout = 'out' || char(10)") == "40");
  CHECK(count("status = 'failed' AND exit_code IS NULL AND signal = 9") == "40");
  CHECK(database.value("SELECT count(*) FROM cli_usage_stats WHERE provider_id = 'spawner:shell'") == "200");
  CHECK(database.value("SELECT count(*) FROM cli_usage_stats WHERE success = 1 AND error_class IS NULL") ==
        "80");
  // The last end is committed before its slot is free.
  CHECK(eventually([&] { return daemon.http().get("/vx11/status").text("tasks_running") == "0"; }));
  checkNothingStuck(daemon);
}
