// The life of the server: binding, and stopping with requests in flight.
#include <atomic>
#include <chrono>
#include <thread>

#include "base/error.hpp"
#include "catch.hpp"
#include "test_door.hpp"

using namespace vx11;
using namespace vx11::test;
using namespace std::chrono_literals;

namespace {

http::ServerOptions onPort(uint16_t port) {
  http::ServerOptions options;
  options.port = port;
  options.check_token = [](std::string_view) { return http::Credential::kAccepted; };
  return options;
}

}  // namespace

TEST_CASE("server: a port that is taken is refused with a sentence, also between two of our own") {
  const TestDoor door;
  try {
    http::Server second(onPort(door.server.port()), http::Router({}));
    FAIL("two servers share a port");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kConfiguration);
    CHECK_THAT(e.what(),
               Catch::Contains("port " + std::to_string(door.server.port())) && Catch::Contains("taken"));
  }
}

TEST_CASE("server: an address that is not ours, or none at all, is refused with a sentence") {
  auto options = onPort(0);
  options.host = "192.0.2.1";
  CHECK_THROWS_WITH(http::Server(options, http::Router({})),
                    Catch::Contains("not an address of this machine"));
  options.host = "not an address";
  CHECK_THROWS_AS(http::Server(options, http::Router({})), Error);
  options.host = "::1";
  CHECK_NOTHROW(http::Server(options, http::Router({})));
}

TEST_CASE("server: a port can be bound again at once after a stop") {
  uint16_t port = 0;
  {
    TestDoor door;
    port = door.server.port();
    auto client = door.connect();
    CHECK(client.ask(get("/health")).status == 200);
    door.server.stop(1s);
  }
  http::Server again(onPort(port), http::Router({}));
  CHECK(again.port() == port);
}

TEST_CASE("server: stop ends idle connections at once and accepts no more") {
  TestDoor door;
  auto idle = door.connect();
  CHECK(idle.ask(get("/health")).status == 200);
  auto silent = door.connect();
  CHECK(door.ask(get("/health")).status == 200);
  const auto begin = std::chrono::steady_clock::now();
  door.server.stop(20s);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(door.server.connections() == 0);
  CHECK(idle.read().closed);
  CHECK(silent.read().closed);
  CHECK_THROWS(door.connect());
  door.server.stop(20s);  // a second time is nothing
}

TEST_CASE("server: a request in flight is answered while the server stops, and its connection closes") {
  TestDoor door;
  auto client = door.connect();
  client.send(get("/block"));
  door.gate.waitInside(1);
  std::atomic<bool> stopped{false};
  std::thread stopper([&] {
    door.server.stop(20s);
    stopped = true;
  });
  // The door is closed to others while the handler still runs.
  const auto until = std::chrono::steady_clock::now() + 20s;
  bool refused = false;
  while (!refused && std::chrono::steady_clock::now() < until) {
    try {
      door.connect();
      std::this_thread::yield();
    } catch (const std::system_error&) {
      refused = true;
    }
  }
  CHECK(refused);
  CHECK_FALSE(stopped);
  door.gate.open();
  const auto response = client.read();
  CHECK(response.status == 200);
  CHECK(response.header("connection") == "close");
  stopper.join();
  CHECK(stopped);
}

TEST_CASE("server: a client that keeps sending is cut at the deadline of the stop") {
  TestDoor door;
  auto client = door.connect();
  client.send("POST /required HTTP/1.1\r\nHost: localhost\r\n" + kToken +
              "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read().status == 100);
  const auto begin = std::chrono::steady_clock::now();
  door.server.stop(100ms);
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(door.server.connections() == 0);
}

TEST_CASE("server: stop returns only when no handler runs, even past its deadline") {
  TestDoor door;
  auto client = door.connect();
  client.send(get("/block"));
  door.gate.waitInside(1);
  std::atomic<bool> opened{false};
  std::thread opener([&] {
    CHECK(client.read().closed);  // cut at the deadline
    opened = true;
    door.gate.open();
  });
  door.server.stop(50ms);
  CHECK(opened);
  opener.join();
}

TEST_CASE("server: stopping under load loses no request that was begun") {
  for (int round = 0; round < 5; ++round) {
    TestDoor door;
    std::atomic<int> answered{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        try {
          while (true) {
            auto client = door.connect();
            for (int i = 0; i < 50; ++i) {
              const auto response = client.ask(get("/seen"));
              if (response.status == 0) return;
              if (response.status != 200) ++wrong;
              ++answered;
            }
          }
        } catch (const std::system_error&) {
        }
      });
    }
    while (answered < 100) std::this_thread::yield();
    door.server.stop(10s);
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
  }
}

TEST_CASE("server: a server that was never started ends quietly") {
  http::Server server(onPort(0), http::Router({}));
  CHECK(server.port() != 0);
  server.stop(1s);
}
