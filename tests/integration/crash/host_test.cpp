// vx11d is killed; the spawner and its daughters live on.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "catch.hpp"
#include "scene.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;

TEST_CASE("crash: a daughter started before kill -9 of the host has its whole result after the restart") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto id = post(daemon, ground.sign() + "echo before; printf 'bad\\n' >&2; " + ground.waitFor("go") +
                                   "head -c 200000 /dev/zero | tr '\\0' x; echo after; exit 7");
  const auto pid = runningPid(daemon, id);
  const auto spawner = daemon.spawnerPid();
  daemon.kill9();
  CHECK(alive(pid));

  SECTION("it ends after the restart") {
    daemon.start();
    CHECK(runningPid(daemon, id) == pid);
    ground.release("go");
  }
  SECTION("it ends while there is no host") {
    ground.release("go");
    REQUIRE(eventually([&] { return !alive(pid); }));
    daemon.start();
  }
  const auto result = finished(daemon, id);
  CHECK(daemon.spawnerPid() == spawner);
  CHECK(result.text("status") == "ERROR");
  CHECK(result.text("outcome") == "failed");
  CHECK(result.text("exit_code") == "7");
  CHECK(result.text("stderr") == "bad\n");
  CHECK(result.text("stdout_bytes") == std::to_string(7 + 200000 + 6));
  CHECK(result.text("stdout") == "before\n" + std::string(65536 - 7, 'x'));
  CHECK(result.text("attempt") == "1");
  const auto spooled = SqliteReader(daemon.database()).rows("SELECT stdout_file FROM spawns");
  REQUIRE(spooled.size() == 1);
  CHECK(readFile(daemon.stateDirectory() / "spool" / spooled[0][0].value_or("")) ==
        "before\n" + std::string(200000, 'x') + "after\n");
  CHECK(ground.ledger().size() == 1);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: a task that waits when the host is killed starts after the restart") {
  Daemon daemon({{"tasks.max_running", "1"}});
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto first = post(daemon, ground.waitFor("go"));
  runningPid(daemon, first);
  const auto second = post(daemon, ground.sign() + "echo second");
  CHECK(daemon.http().get("/vx11/result/" + second).text("status") == "QUEUED");
  daemon.kill9();
  daemon.start();
  const auto waiting = daemon.http().get("/vx11/result/" + second);
  CHECK(waiting.text("status") == "QUEUED");
  CHECK(waiting.text("queue_reason") != "null");
  CHECK(ground.ledger().empty());
  ground.release("go");
  CHECK(finished(daemon, first).text("status") == "DONE");
  CHECK(finished(daemon, second).text("stdout") == "second\n");
  CHECK(ground.ledger().size() == 1);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: a window that is open stays open and a closed one closed") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  daemon.kill9();
  daemon.start();
  CHECK(daemon.http().get("/vx11/window/status/spawner").text("is_open") == "true");
  CHECK(daemon.http().get("/vx11/window/status/switch").text("is_open") == "false");
}

TEST_CASE("crash: whatever is killed when, each of twenty tasks runs exactly once") {
  Daemon daemon({{"tasks.max_running", "3"}});
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i)
    ids.push_back(post(daemon, ground.sign() + "sleep 0.1; echo " + std::to_string(i)));
  // Each kill comes when something new has happened since the last: in the middle of the work, not of
  // nothing.
  for (int kills = 0; kills < 5; ++kills) {
    const auto before = ground.ledger().size();
    if (before < 20) CHECK(eventually([&] { return ground.ledger().size() > before; }));
    daemon.kill9();
    daemon.start();
  }
  for (int i = 0; i < 20; ++i) {
    const auto result = finished(daemon, ids[static_cast<size_t>(i)]);
    CHECK(result.text("status") == "DONE");
    CHECK(result.text("stdout") == std::to_string(i) + "\n");
  }
  const auto ledger = ground.ledger();
  CHECK(ledger.size() == 20);
  CHECK(std::set<std::string>(ledger.begin(), ledger.end()).size() == 20);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: an id that was answered is never lost, and what was accepted unanswered runs once too") {
  Daemon daemon({{"tasks.max_running", "4"}});
  const Playground ground(daemon);
  std::vector<std::string> answered;
  for (int kills = 0; kills < 3; ++kills) {
    daemon.start();
    if (kills == 0) daemon.openWindow("spawner");
    std::atomic<size_t> count{0};
    std::thread client([&] {
      try {
        const auto http = daemon.http();
        for (;;) {
          const auto answer =
              http.post("/vx11/spawn", R"({"task_type":"shell","code":")" + ground.sign() + R"("})");
          if (answer.status != 200) return;
          answered.push_back(answer.text("spawn_uuid"));
          ++count;
        }
      } catch (const std::exception&) {
        // The host died under it.
      }
    });
    const bool enough = eventually([&] { return count >= 15; });
    daemon.kill9();
    client.join();
    CHECK(enough);
  }
  daemon.start();
  CHECK(eventually([&] {
    return SqliteReader(daemon.database())
               .value("SELECT count(*) FROM spawns WHERE status IN ('pending', 'running')") == "0";
  }));
  const SqliteReader database(daemon.database());
  std::vector<std::string> completed;
  for (const auto& row : database.rows("SELECT uuid FROM spawns WHERE status = 'completed' ORDER BY uuid")) {
    completed.push_back(row[0].value_or(""));
  }
  CHECK(std::to_string(completed.size()) == database.value("SELECT count(*) FROM spawns"));
  CHECK(ground.ledger() == completed);
  for (const auto& uuid : answered) CHECK(std::binary_search(completed.begin(), completed.end(), uuid));
  checkNothingStuck(daemon);
}

TEST_CASE(
    "crash: while the host is stopped daughters run to their end, and their results are there when it goes "
    "on") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto id = post(daemon, ground.sign() + ground.waitFor("go") + "head -c 300000 /dev/zero; exit 3");
  const auto daughter = runningPid(daemon, id);
  kill(daemon.pid(), SIGSTOP);
  ground.release("go");
  const bool ended = eventually([&] { return !alive(daughter); });
  kill(daemon.pid(), SIGCONT);
  CHECK(ended);
  const auto result = finished(daemon, id);
  CHECK(result.text("exit_code") == "3");
  CHECK(result.text("stdout_bytes") == "300000");
  CHECK(ground.ledger().size() == 1);
  checkNothingStuck(daemon);
}
