#include "wait.hpp"

#include <chrono>
#include <thread>

#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;

TEST_CASE("wait: POST answers with the result when it ends in time, else as ever") {
  OpenDaemon daemon;
  const auto in_time = daemon.http().post("/vx11/spawn?wait=60", shell("echo quick; exit 3"));
  CHECK(in_time.status == 200);
  CHECK(in_time.text("status") == "ERROR");
  CHECK(in_time.text("exit_code") == "3");
  CHECK(in_time.text("stdout") == "quick\n");

  const auto go = sharedDirectory(daemon) / "go";
  const auto late = daemon.http().post("/vx11/spawn?wait=1", shell(waitFor(go)));
  CHECK(late.status == 200);
  CHECK((late.text("status") == "QUEUED" || late.text("status") == "RUNNING"));
  CHECK_FALSE(late.json()->has("exit_code"));
  const auto id = late.text("spawn_id");
  const auto none = daemon.http().post("/vx11/spawn?wait=0", shell("true"));
  CHECK_FALSE(none.json()->has("exit_code"));
  writeFile(go, "");
  CHECK(finished(daemon, id).text("status") == "DONE");
}

TEST_CASE("wait: GET returns as soon as the task has ended") {
  OpenDaemon daemon;
  const auto go = sharedDirectory(daemon) / "go";
  const auto id = accept(daemon, shell(waitFor(go) + "echo over"));
  untilRunning(daemon, id);
  const auto early = daemon.http().get("/vx11/result/" + id + "?wait=1");
  CHECK(early.status == 200);
  CHECK(early.text("status") == "RUNNING");

  Answer answer;
  std::chrono::steady_clock::time_point returned;
  std::thread waiter([&] {
    answer = daemon.http().get("/vx11/result/" + id + "?wait=60");
    returned = std::chrono::steady_clock::now();
  });
  const auto begun = std::chrono::steady_clock::now();
  writeFile(go, "");
  waiter.join();
  CHECK(answer.text("stdout") == "over\n");
  CHECK(returned - begun < std::chrono::seconds(50));
}

TEST_CASE("wait: anything but 0 to 60 whole seconds is 422, and no task is left by it") {
  OpenDaemon daemon;
  const auto id = run(daemon, shell("true")).text("spawn_id");
  for (const char* wait : {"61", "-1", "1.5", "x", "", "+1", "1s", "99999999999999999999"}) {
    INFO(wait);
    checkProblem(daemon.http().get("/vx11/result/" + id + "?wait=" + wait), 422, "invalid_field", "wait");
    // A blank is what "+" stands for in a query.
    checkProblem(daemon.http().post(std::string("/vx11/spawn?wait=") + wait, shell("true")), 422,
                 "invalid_field", "wait");
  }
  checkProblem(daemon.http().post("/vx11/spawn?wat=1", shell("true")), 422, "invalid_field", "wat");
  checkProblem(daemon.http().get("/vx11/result/" + id + "?wait=1&wait=2"), 400, "malformed_request");
  CHECK(daemon.http().get("/vx11/db/summary").json()->getObject("counts")->getValue<int>("spawns") == 1);
}
