// Another process holds the database's write lock.
#include <memory>

#include "catch.hpp"
#include "scene.hpp"
#include "wait.hpp"
#include "write_lock.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("crash: a cancel that cannot be recorded says so, and ends the task all the same") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto id = post(daemon, ground.waitFor("never"));
  const auto pid = runningPid(daemon, id);
  auto lock = std::make_unique<WriteLock>(daemon.database());
  const auto answer = daemon.http().post("/vx11/spawns/" + id + "/cancel?wait=0", "");
  CHECK(answer.status == 503);
  CHECK(answer.text("error") == "storage");
  CHECK(eventually([&] { return !alive(pid); }));
  // Its end is known and cannot be told yet.
  const auto again = daemon.http().post("/vx11/spawns/" + id + "/cancel?wait=0", "");
  INFO(again.body);
  CHECK(again.status == 200);
  CHECK(again.text("finished_at") == "null");
  lock.reset();
  CHECK(finished(daemon, id).text("outcome") == "cancelled");
  checkNothingStuck(daemon);
}

TEST_CASE(
    "crash: while another process locks the database posts are 503 storage, and ends are committed "
    "afterwards") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto running = post(daemon, ground.sign() + ground.waitFor("go") + "echo held");
  const auto pid = runningPid(daemon, running);

  auto lock = std::make_unique<WriteLock>(daemon.database());

  const auto refused = daemon.http().post("/vx11/spawn", R"({"task_type":"shell","code":"echo no"})");
  CHECK(refused.status == 503);
  CHECK(refused.text("error") == "storage");
  CHECK_THAT(refused.text("detail"), Contains("locked by another process"));
  CHECK(daemon.http().get("/health").status == 200);
  ground.release("go");
  REQUIRE(eventually([&] { return !alive(pid); }));
  CHECK(daemon.http().get("/vx11/result/" + running).text("finished_at") == "null");

  lock.reset();
  CHECK(finished(daemon, running).text("stdout") == "held\n");
  CHECK(finished(daemon, post(daemon, ground.sign() + "echo free")).text("stdout") == "free\n");
  CHECK(ground.ledger().size() == 2);
  checkNothingStuck(daemon);
}
