// Slow clients: one deadline holds for a whole request, however its bytes trickle in.
#include <atomic>
#include <chrono>
#include <thread>

#include "catch.hpp"
#include "test_door.hpp"

using namespace vx11;
using namespace vx11::test;
using namespace std::chrono_literals;

namespace {

http::ServerOptions impatient() {
  http::ServerOptions options;
  options.request_deadline = 300ms;
  options.keep_alive_timeout = 200ms;
  return options;
}

// Sends a byte of `text` every 20 ms until the server stops listening, and returns the answer.
RawResponse trickle(RawClient& client, const std::string& text) {
  for (const char c : text) {
    if (!client.send(std::string_view(&c, 1))) break;
    const auto response = client.read(false, 20ms);
    if (response.status != 0 || response.closed) return response;
  }
  return client.read();
}

}  // namespace

TEST_CASE("door: a head that trickles in is 408 at the deadline") {
  const TestDoor door(impatient());
  auto client = door.connect();
  const auto begin = std::chrono::steady_clock::now();
  const auto response =
      trickle(client, "GET /health HTTP/1.1\r\nHost: localhost\r\nA: " + std::string(1000, 'a'));
  CHECK(response.status == 408);
  CHECK(member(response, "error") == "request_timeout");
  CHECK(response.header("connection") == "close");
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("door: a body that trickles in is 408 at the deadline, which began with the head") {
  const TestDoor door(impatient());
  auto client = door.connect();
  const auto response = trickle(client, post("/required", std::string(1000, ' ')));
  CHECK(response.status == 408);
  CHECK(client.closedWithin(5s));
}

TEST_CASE("door: a request that stops in the middle is 408") {
  const TestDoor door(impatient());
  CHECK(door.ask("GET /health HTTP/1.1\r\nHost:").status == 408);
  CHECK(door.ask("POST /required HTTP/1.1\r\nHost: localhost\r\n" + kToken + "Content-Length: 10\r\n\r\n{")
            .status == 408);
}

TEST_CASE("door: a connection that says nothing is closed without an answer, first or later") {
  const TestDoor door(impatient());
  auto silent = door.connect();
  CHECK(silent.read().closed);
  auto served = door.connect();
  CHECK(served.ask(get("/seen")).status == 200);
  CHECK(served.read().closed);
}

TEST_CASE("door: a client that does not read its answer loses the connection, not the thread") {
  const TestDoor door(impatient());
  auto client = door.connect();
  std::string many;
  for (int i = 0; i < 10; ++i) many += get("/big");
  client.send(many);
  const auto accepted_by = std::chrono::steady_clock::now() + 20s;
  while (door.server.connections() != 1 && std::chrono::steady_clock::now() < accepted_by)
    std::this_thread::yield();
  REQUIRE(door.server.connections() == 1);
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (door.server.connections() != 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CHECK(door.server.connections() == 0);
}
