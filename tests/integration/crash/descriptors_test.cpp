// vx11d has no file descriptor left.
#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <utility>

#include "catch.hpp"
#include "raw_client.hpp"
#include "scene.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

rlim_t openDescriptors(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<rlim_t>(std::distance(begin(all), end(all)));
}

// The soft limit only, so that it can be raised again.
void limitDescriptors(pid_t pid, rlim_t count) {
  rlimit limit{};
  REQUIRE(prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) == 0);
  limit.rlim_cur = std::min(count, limit.rlim_max);
  REQUIRE(prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

}  // namespace

TEST_CASE("crash: out of descriptors the host answers clearly, and serves again when some are free") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  CHECK(finished(daemon, post(daemon, ground.sign())).text("status") == "DONE");
  const auto few = openDescriptors(daemon.pid()) + 4;
  limitDescriptors(daemon.pid(), few);

  std::list<RawClient> held;
  int served = 0;
  int refused = 0;
  for (int i = 0; i < 16; ++i) {
    held.emplace_back(daemon.port());
    held.back().send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto answer = held.back().readAnswer();
    INFO(answer.body);
    served += answer.status == 200;
    if (answer.status != 503) continue;
    ++refused;
    CHECK_THAT(answer.body, Contains(R"("error":"unavailable")"));
    CHECK(answer.headers.contains("retry-after"));
  }
  CHECK(served > 0);
  CHECK(refused > 0);
  CHECK(served + refused == 16);
  CHECK(daemon.running());

  held.clear();
  // With the limit still there: the places of those who left are free again.
  CHECK(eventually([&] { return daemon.http().get("/health").status == 200; }));
  limitDescriptors(daemon.pid(), 1024);
  CHECK(finished(daemon, post(daemon, ground.sign() + "echo again")).text("stdout") == "again\n");
  CHECK(ground.ledger().size() == 2);
  checkNothingStuck(daemon);
}

TEST_CASE("crash: a task for which there is no descriptor is accepted, waits, and runs once there is one") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  CHECK(finished(daemon, post(daemon, "true")).text("status") == "DONE");
  REQUIRE(eventually([&, last = rlim_t{0}]() mutable {
    const auto now = openDescriptors(daemon.pid());
    return std::exchange(last, now) == now;
  }));
  // Room for the connection, not for the code's memfd.
  limitDescriptors(daemon.pid(), openDescriptors(daemon.pid()) + 1);
  const auto answer =
      daemon.http().post("/vx11/spawn", R"({"task_type":"shell","correlation_id":"tight","code":")" +
                                            ground.sign() + R"(echo ran"})");
  INFO(answer.body);
  CHECK((answer.status == 200 || answer.status == 503));
  limitDescriptors(daemon.pid(), 1024);
  if (answer.status == 200) {
    CHECK(finished(daemon, "tight").text("stdout") == "ran\n");
    CHECK(ground.ledger().size() == 1);
  } else {
    CHECK(ground.ledger().empty());
  }
  CHECK(finished(daemon, post(daemon, "echo after")).text("stdout") == "after\n");
  checkNothingStuck(daemon);
}
