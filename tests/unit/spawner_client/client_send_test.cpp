#include <sys/stat.h>

#include <future>
#include <map>
#include <thread>

#include "catch.hpp"
#include "recording_listener.hpp"
#include "scripted_spawner.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

using namespace vx11;
using namespace vx11::spawner_client;
using Catch::Matchers::Contains;

namespace {

struct Connected {
  test::TempDirectory directory;
  ScriptedSpawner spawner{directory / "socket"};
  RecordingListener listener;
  Client client{options(), listener};
  Peer peer = connect();

  Options options() const {
    Options values;
    values.socket = directory / "socket";
    return values;
  }
  Peer connect() {
    auto started = std::async(std::launch::async, [this] { client.start(); });
    Peer accepted = spawner.welcomeEmpty();
    started.get();
    return accepted;
  }
};

StartRequest request(const std::string& nonce) {
  StartRequest start;
  start.nonce = nonce;
  start.spawn_uuid = "uuid-" + nonce;
  start.ttl = std::chrono::seconds(60);
  start.plan.program = "/bin/sh";
  start.plan.args = {{"code", true}};
  start.plan.files = {{"code", "echo " + nonce, 0600}};
  return start;
}

}  // namespace

TEST_CASE("spawner client: start, kill and acknowledge arrive as sent") {
  Connected c;
  REQUIRE(c.client.prepare(request("n1"))(1));
  REQUIRE(c.client.kill("n1", "cancelled by its user"));
  REQUIRE(c.client.acknowledge("n1"));

  const auto start = c.peer.receiveA<spawner::Start>();
  CHECK(start.nonce == "n1");
  CHECK(start.ttl_ms == 60'000);
  REQUIRE(start.files.size() == 1);
  CHECK(test::readFile(start.files[0].content.get()) == "echo n1");
  const auto kill = c.peer.receiveA<spawner::Kill>();
  CHECK(kill.nonce == "n1");
  CHECK(kill.reason == "cancelled by its user");
  CHECK(c.peer.receiveA<spawner::Acknowledge>().nonce == "n1");
}

TEST_CASE("spawner client: an acknowledgement goes before the next start, or by itself after a moment") {
  Connected c;
  REQUIRE(c.client.acknowledge("first"));
  REQUIRE(c.client.acknowledge("second"));
  REQUIRE(c.client.prepare(request("n1"))(1));
  CHECK(c.peer.receiveA<spawner::Acknowledge>().nonce == "first");
  CHECK(c.peer.receiveA<spawner::Acknowledge>().nonce == "second");
  CHECK(c.peer.receiveA<spawner::Start>().nonce == "n1");
  REQUIRE(c.client.acknowledge("alone"));
  CHECK(c.peer.receiveA<spawner::Acknowledge>().nonce == "alone");
}

TEST_CASE("spawner client: what can wait is sent when the client stops") {
  Connected c;
  REQUIRE(c.client.acknowledge("last"));
  c.client.stop();
  CHECK(c.peer.receiveA<spawner::Acknowledge>().nonce == "last");
}

TEST_CASE("spawner client: a spawner that does not read blocks nobody, and nothing is lost or reordered") {
  Connected c;
  constexpr int kStarts = 500;
  auto sent = std::async(std::launch::async, [&] {
    for (int i = 0; i < kStarts; ++i) {
      auto start = request("n" + std::to_string(i));
      start.correlation_id = std::string(1000, 'c');
      if (!c.client.prepare(start)(1)) return false;
    }
    return c.client.kill("the last", "");
  });
  // The sender must be through although nobody has read one packet.
  REQUIRE(sent.wait_for(test::kDeadline) == std::future_status::ready);
  REQUIRE(sent.get());

  for (int i = 0; i < kStarts; ++i) {
    const auto start = c.peer.receiveA<spawner::Start>();
    REQUIRE(start.nonce == "n" + std::to_string(i));
    REQUIRE(test::readFile(start.files.at(0).content.get()) == "echo " + start.nonce);
  }
  CHECK(c.peer.receiveA<spawner::Kill>().nonce == "the last");
  // The way is free again: this one goes without waiting behind anything.
  REQUIRE(c.client.acknowledge("after"));
  CHECK(c.peer.receiveA<spawner::Acknowledge>().nonce == "after");
}

TEST_CASE("spawner client: events are taken while packets wait") {
  Connected c;
  for (int i = 0; i < 500; ++i) REQUIRE(c.client.kill("n", std::string(2000, 'r')));
  c.peer.send(spawner::Started{"s1", "uuid", 1, 0, 1});
  CHECK(c.listener.events(2).at(1) == "started s1");
}

TEST_CASE("spawner client: each thread's packets keep their order") {
  Connected c;
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::vector<std::thread> senders;
  for (int t = 0; t < kThreads; ++t) {
    senders.emplace_back([&c, t] {
      for (int i = 0; i < kEach; ++i) c.client.kill(std::to_string(t), std::to_string(i));
    });
  }
  std::map<std::string, int> next;
  bool ordered = true;
  for (int i = 0; i < kThreads * kEach; ++i) {
    const auto kill = c.peer.receiveA<spawner::Kill>();
    ordered = ordered && kill.reason == std::to_string(next[kill.nonce]++);
  }
  for (auto& sender : senders) sender.join();
  CHECK(ordered);
}

TEST_CASE("spawner client: what waited for a spawner that went is not sent to the next one") {
  Connected c;
  for (int i = 0; i < 500; ++i) REQUIRE(c.client.kill("old", std::string(2000, 'r')));
  c.peer.close();
  Peer second = c.spawner.welcomeEmpty("instance-2");
  c.listener.events(3);
  REQUIRE(c.client.kill("new", ""));
  CHECK(second.receiveA<spawner::Kill>().nonce == "new");
}

TEST_CASE("spawner client: a listener may send from within onConnected") {
  Connected c;
  c.listener.when_connected = [&c] { c.client.prepare(request("again"))(2); };
  c.peer.close();
  Peer second = c.spawner.welcomeEmpty("instance-2");
  CHECK(second.receiveA<spawner::Start>().nonce == "again");
}

TEST_CASE("spawner client: a start for an earlier connection is not sent over a later one") {
  Connected c;
  const auto start = c.client.prepare(request("late"));
  c.peer.close();
  Peer second = c.spawner.welcomeEmpty("instance-2");
  c.listener.events(3);
  CHECK_FALSE(start(1));
  REQUIRE(c.client.kill("next", ""));
  CHECK(second.receiveA<spawner::Kill>().nonce == "next");
}

TEST_CASE("spawner client: without a connection nothing is taken, and the reason is known") {
  Connected c;
  c.peer.close();
  c.listener.events(2);
  // Nobody accepts, so the handshake of the next connection does not end.
  CHECK_FALSE(c.client.connected());
  CHECK_FALSE(c.client.prepare(request("n1"))(1));
  CHECK_FALSE(c.client.kill("n1", ""));
  CHECK_FALSE(c.client.acknowledge("n1"));
  CHECK_THAT(c.client.lastError(), Contains("closed the connection"));
}

TEST_CASE("spawner client: a request with too many files comes back refused for good") {
  Connected c;
  auto start = request("many");
  start.plan.files.assign(spawner::kMaxFiles + 1, {"f", "", 0600});
  REQUIRE(c.client.prepare(start)(1));
  CHECK_THAT(c.listener.events(2).at(1), Contains("refused many") && Contains("200 files"));
  CHECK_FALSE(c.listener.refused().transient);
  CHECK(c.listener.refused().spawn_uuid == "uuid-many");
}

TEST_CASE("spawner client: it follows where the spawner knows how, and does not ask an older one") {
  Connected c;
  REQUIRE(c.client.follow("n1", true));
  const auto follow = c.peer.receiveA<spawner::Follow>();
  CHECK(follow.nonce == "n1");
  CHECK(follow.on);
  c.peer.send(spawner::Grown{"n1", 3, 0});
  CHECK(c.listener.events(2).back() == "grown n1: 3 0");

  c.peer.close();
  Peer old = c.spawner.accept();
  old.receiveA<spawner::Hello>();
  spawner::Welcome welcome;
  welcome.version = 1;
  welcome.instance = "old";
  welcome.pid = 1;
  old.send(welcome);
  old.send(spawner::Synced{});
  CHECK(c.listener.events(4).back() == "connected old");
  CHECK_FALSE(c.client.follow("n1", true));
  CHECK(c.client.kill("n1", "still spoken"));
}
