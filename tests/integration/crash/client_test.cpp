// A client that goes away.
#include "catch.hpp"
#include "raw_client.hpp"
#include "scene.hpp"
#include "wait.hpp"

using namespace vx11::test;

TEST_CASE("crash: a task whose client leaves during ?wait= finishes all the same") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner");
  const Playground ground(daemon);
  {
    RawClient client(daemon.port());
    const std::string body = R"({"task_type":"shell","code":")" + ground.waitFor("go") + ground.sign() +
                             R"(echo alone","correlation_id":"left-alone"})";
    REQUIRE(client.send("POST /vx11/spawn?wait=60 HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " +
                        daemon.token() + "\r\nContent-Type: application/json\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body));
    REQUIRE(eventually([&] { return daemon.http().get("/vx11/result/left-alone").status == 200; }));
  }
  ground.release("go");
  const auto result = finished(daemon, "left-alone");
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("stdout") == "alone\n");
  CHECK(ground.ledger().size() == 1);
  checkNothingStuck(daemon);
}
