// Nothing of a task is left when its result says finished.
#include "catch.hpp"
#include "scene.hpp"
#include "wait.hpp"

using namespace vx11::test;

TEST_CASE("crash: setsid, double fork and a SIGTERM ignorer are dead when the result says finished") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto pids = "'" + (ground / "pids").string() + "'";
  writeFile(ground / "pids", "", 0666);
  writeFile(ground / "loop", "trap '' TERM HUP INT\necho $$ >> " + pids + "\nwhile :; do sleep 0.05; done\n",
            0755);
  const auto loop = "sh '" + (ground / "loop").string() + "'";
  const auto id = post(daemon, loop + " & setsid " + loop + " & (" + loop + " &) ; (setsid setsid " + loop +
                                   " < /dev/null > /dev/null 2>&1 &) ; "
                                   "until [ $(wc -l < " +
                                   pids + ") -ge 4 ]; do sleep 0.05; done; echo all there");
  const auto result = finished(daemon, id);
  const auto runaways = ground.lines("pids");
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("stdout") == "all there\n");
  CHECK(result.text("tree_empty") == "true");
  CHECK(runaways.size() == 4);
  for (const auto& pid : runaways) CHECK_FALSE(alive(static_cast<pid_t>(std::stol(pid))));
  checkNothingStuck(daemon);
}

TEST_CASE("crash: at its TTL a task that ignores SIGTERM ends as timeout with its whole tree") {
  Daemon daemon({{"tasks.kill_grace_seconds", "0"}});
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto pids = "'" + (ground / "pids").string() + "'";
  const auto answer = daemon.http().post(
      "/vx11/spawn?wait=60",
      R"({"task_type":"shell","ttl_seconds":1,"code":"trap '' TERM; setsid sleep 1000 & echo $! >> )" + pids +
          R"(; echo $$ >> )" + pids + R"(; while :; do sleep 0.05; done"})");
  CHECK(answer.text("outcome") == "timeout");
  const auto all = ground.lines("pids");
  CHECK(all.size() == 2);
  for (const auto& pid : all) CHECK_FALSE(alive(static_cast<pid_t>(std::stol(pid))));
  checkNothingStuck(daemon);
}
