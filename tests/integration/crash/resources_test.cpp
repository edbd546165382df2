// The kernel gives the spawner or vx11d nothing more for a while: no process, no pipe, no memory.
#include <signal.h>

#include <list>
#include <string>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "failing_calls.hpp"
#include "not_shown_here.hpp"
#include "raw_client.hpp"
#include "scene.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

const char* const kNoStrace = "needs strace, and the right to trace";
const char* const kSanitized = "a sanitizer's own runtime does not live without memory";

Answer resultOf(const Daemon& daemon, const std::string& id) {
  return daemon.http().get("/vx11/result/" + id);
}

// Twelve posts while vx11d has none of it: each is answered, and what was accepted runs once. How often tasks
// ran, less how many were accepted.
std::ptrdiff_t starveHost(const std::string& calls, const std::string& error) {
  CAPTURE(calls, error);
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto running = post(daemon, ground.waitFor("later"));
  runningPid(daemon, running);
  std::list<RawClient> clients;
  {
    const FailingCalls failing(daemon.pid(), calls, error);
    for (int i = 0; i < 12; ++i) {
      const std::string body = R"({"task_type":"shell","correlation_id":"starved-)" + std::to_string(i) +
                               R"(","code":")" + ground.sign() + std::string(500'000, '#') + R"("})";
      clients.emplace_back(daemon.port());
      clients.back().send(
          "POST /vx11/spawn HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
          "application/json\r\nX-VX11-Token: " +
          daemon.token() + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    REQUIRE(eventually([&] { return failing.count() > 0; }));
  }
  std::ptrdiff_t accepted = 0;
  int number = 0;
  for (auto& client : clients) {
    const auto answer = client.readAnswer();
    INFO(answer.status << " " << answer.body.substr(0, 500));
    CHECK((answer.status == 200 || answer.status == 503));
    const auto id = "starved-" + std::to_string(number++);
    if (answer.status != 200) continue;
    ++accepted;
    CHECK(finished(daemon, id).text("status") == "DONE");
  }
  ground.release("later");
  CHECK(finished(daemon, running).text("status") == "DONE");
  CHECK(finished(daemon, post(daemon, "echo again")).text("stdout") == "again\n");
  checkNothingStuck(daemon);
  return std::ssize(ground.ledger()) - accepted;
}

}  // namespace

TEST_CASE("crash: while the spawner gets nothing from the kernel a task waits and says so, then runs once") {
  if (!FailingCalls::possible()) return notShownHere(kNoStrace);
  const auto [calls, error] = GENERATE(table<std::string, std::string>({{"clone,clone3", "EAGAIN"},
                                                                        {"clone,clone3", "ENOMEM"},
                                                                        {"pipe2", "EMFILE"},
                                                                        {"pipe2", "ENFILE"},
                                                                        {"mkdirat", "ENOMEM"},
                                                                        {"openat", "EMFILE"}}));
  CAPTURE(calls, error);
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto before = post(daemon, "echo before; " + ground.waitFor("later"));
  runningPid(daemon, before);
  const auto spawner = daemon.spawnerPid();
  FailingCalls failing(spawner, calls, error);
  const auto id = post(daemon, ground.sign() + "echo ran");
  REQUIRE(eventually([&] { return failing.count() > 0; }));
  CHECK(eventually([&] {
    return resultOf(daemon, id).text("queue_reason").find("out of resources") != std::string::npos;
  }));
  CHECK(resultOf(daemon, id).text("status") == "QUEUED");
  CHECK(ground.ledger().empty());
  failing.stop();
  CHECK(finished(daemon, id).text("stdout") == "ran\n");
  CHECK(ground.ledger().size() == 1);
  ground.release("later");
  CHECK(finished(daemon, before).text("stdout") == "before\n");
  CHECK(daemon.spawnerPid() == spawner);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: a spawner without memory loses no task: each ends with a reason, or runs") {
  if (VX11_TEST_SANITIZED) return notShownHere(kSanitized);
  if (!FailingCalls::possible()) return notShownHere(kNoStrace);
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  const auto running = post(daemon, "head -c 3000000 /dev/zero; " + ground.waitFor("later"));
  runningPid(daemon, running);
  std::vector<std::string> ids;
  {
    const FailingCalls failing(daemon.spawnerPid(), "mmap,brk,mremap", "ENOMEM");
    // Each brings its own 200 kB of environment, for which the spawner has no room.
    for (int i = 0; i < 8; ++i) {
      const auto answer = daemon.http().post(
          "/vx11/spawn", R"({"task_type":"shell","code":"echo $LARGE | wc -c","env":{"LARGE":")" +
                             std::string(100'000, 'x') + R"("}})");
      REQUIRE(answer.status == 200);
      ids.push_back(answer.text("spawn_id"));
    }
    REQUIRE(eventually([&] { return failing.count() > 0; }));
  }
  ground.release("later");
  for (const auto& id : ids) {
    const auto result = finished(daemon, id);
    INFO(result.body);
    if (result.text("status") == "DONE")
      CHECK(result.text("stdout") == "100001\n");
    else
      CHECK(result.text("reason") != "null");
  }
  const auto first = finished(daemon, running);
  INFO(first.body.substr(0, 500));
  CHECK((first.text("status") == "DONE" || first.text("outcome") == "interrupted"));
  CHECK(finished(daemon, post(daemon, "echo again")).text("stdout") == "again\n");
  checkNothingStuck(daemon);
}

TEST_CASE(
    "crash: a host that gets no thread, or no file for the code, answers, and has lost nothing afterwards") {
  if (!FailingCalls::possible()) return notShownHere(kNoStrace);
  const auto [calls, error] =
      GENERATE(table<std::string, std::string>({{"clone,clone3", "EAGAIN"}, {"memfd_create", "ENOMEM"}}));
  CHECK(starveHost(calls, error) == 0);
}

TEST_CASE("crash: a host without memory answers, and has lost nothing afterwards") {
  if (VX11_TEST_SANITIZED) return notShownHere(kSanitized);
  if (!FailingCalls::possible()) return notShownHere(kNoStrace);
  CHECK(starveHost("mmap,brk,mremap", "ENOMEM") == 0);
}
