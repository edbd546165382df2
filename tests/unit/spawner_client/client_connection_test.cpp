#include <future>

#include "base/error.hpp"
#include "catch.hpp"
#include "recording_listener.hpp"
#include "scripted_spawner.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

using namespace vx11;
using namespace vx11::spawner_client;
using Catch::Matchers::Contains;

namespace {

// A client that connects while the test plays the spawner.
struct Connecting {
  test::TempDirectory directory;
  ScriptedSpawner spawner{directory / "socket"};
  RecordingListener listener;
  Client client{options(), listener};

  Options options() const {
    Options values;
    values.socket = directory / "socket";
    return values;
  }
  std::future<void> start() {
    return std::async(std::launch::async, [this] { client.start(); });
  }
  Peer connect() {
    auto started = start();
    Peer peer = spawner.welcomeEmpty();
    started.get();
    return peer;
  }
};

spawner::Started started(const std::string& nonce) {
  return {nonce, "uuid-" + nonce, 4711, 0, 1'000'000};
}

spawner::Finished finished(const std::string& nonce) {
  spawner::Finished frame;
  frame.nonce = nonce;
  frame.spawn_uuid = "uuid-" + nonce;
  frame.ended_at_us = 2'000'000;
  return frame;
}

}  // namespace

TEST_CASE("spawner client: what runs and what ended arrives in onConnected, before anything else") {
  Connecting c;
  auto start = c.start();
  Peer peer = c.spawner.welcome("the-one");
  peer.send(started("r1"));
  peer.send(started("r2"));
  peer.send(finished("f1"));
  peer.send(spawner::Synced{});
  peer.send(started("later"));
  start.get();

  CHECK(c.listener.events(2) == std::vector<std::string>{"connected the-one", "started later"});
  const Welcome welcome = c.listener.welcome();
  CHECK(welcome.pid == getpid());
  CHECK(welcome.isolation == "same-user");
  CHECK(welcome.tree_kill == "sweep");
  REQUIRE(welcome.running.size() == 2);
  CHECK(welcome.running[1].nonce == "r2");
  CHECK(welcome.running[1].pid == 4711);
  CHECK(welcome.running[1].started_at == wallFromMicros(1'000'000));
  REQUIRE(welcome.finished.size() == 1);
  CHECK(welcome.finished[0].nonce == "f1");
  CHECK(c.client.connected());
  CHECK(c.client.lastError().empty());
}

TEST_CASE("spawner client: a hello names the versions and our pid") {
  Connecting c;
  auto start = c.start();
  Peer peer = c.spawner.accept();
  const auto hello = peer.receiveA<spawner::Hello>();
  CHECK(hello.oldest == spawner::spokenVersions().oldest);
  CHECK(hello.newest == spawner::spokenVersions().newest);
  CHECK(hello.pid == getpid());
  c.client.stop();
  CHECK_THROWS_AS(start.get(), Error);
}

TEST_CASE("spawner client: events keep their order") {
  Connecting c;
  Peer peer = c.connect();
  std::vector<std::string> expected{"connected instance-1"};
  for (int i = 0; i < 100; ++i) {
    const std::string nonce = "n" + std::to_string(i);
    peer.send(started(nonce));
    peer.send(finished(nonce));
    expected.push_back("started " + nonce);
    expected.push_back("finished " + nonce);
  }
  peer.send(spawner::Refused{"last", "uuid", true, "no free uid"});
  expected.emplace_back("refused last: no free uid");
  CHECK(c.listener.events(expected.size()) == expected);
  CHECK(c.listener.refused().transient);
}

TEST_CASE("spawner client: reconnects when the spawner goes, and says so once") {
  Connecting c;
  Peer first = c.connect();
  first.close();
  Peer second = c.spawner.welcomeEmpty("instance-2");
  const auto events = c.listener.events(3);
  REQUIRE(events.size() == 3);
  CHECK(events[1] == "disconnected: The spawner closed the connection.");
  CHECK(events[2] == "connected instance-2");
  CHECK(c.client.connected());
}

TEST_CASE("spawner client: what was said before the spawner went is delivered, also past unread packets") {
  Connecting c;
  Peer peer = c.connect();
  REQUIRE(c.client.acknowledge("never read by the spawner"));
  peer.send(finished("f1"));
  peer.close();
  const auto events = c.listener.events(3);
  REQUIRE(events.size() == 3);
  CHECK(events[1] == "finished f1");
  CHECK_THAT(events[2], Contains("disconnected"));
}

TEST_CASE(
    "spawner client: garbage ends the connection with a reason, nothing behind it counts, and it "
    "reconnects") {
  Connecting c;
  // Nothing is read until all of it has been sent.
  std::promise<void> all_sent;
  c.listener.when_connected = [sent = all_sent.get_future().share()] { sent.wait(); };
  auto start = c.start();
  Peer first = c.spawner.welcomeEmpty();
  first.send(started("s1"));
  first.sendBytes("this is not a packet of ours");
  first.send(finished("s1"));
  all_sent.set_value();
  start.get();
  CHECK_THAT(first.receiveA<spawner::Fault>().reason, Contains("broke"));
  CHECK(first.seesTheEnd());
  Peer second = c.spawner.welcomeEmpty("instance-2");
  const auto events = c.listener.events(4);
  REQUIRE(events.size() == 4);
  CHECK(events[1] == "started s1");
  CHECK_THAT(events[2], Contains("disconnected: The connection to the spawner broke: "));
  CHECK(events[3] == "connected instance-2");
}

TEST_CASE("spawner client: a message that is not the spawner's to send ends the connection") {
  Connecting c;
  Peer first = c.connect();
  first.send(spawner::Kill{"n", "why"});
  CHECK_THAT(c.listener.events(2).at(1), Contains("out of turn"));
}

TEST_CASE("spawner client: a fault of the spawner is the reason of the disconnect") {
  Connecting c;
  Peer first = c.connect();
  first.send(spawner::Fault{"I was told to end."});
  first.close();
  CHECK_THAT(c.listener.events(2).at(1), Contains("I was told to end."));
}

TEST_CASE("spawner client: works under a path longer than a socket address") {
  test::TempDirectory directory;
  auto deep = directory.path();
  for (int i = 0; i < 4; ++i) deep /= std::string(60, 'd');
  std::filesystem::create_directories(deep);
  ScriptedSpawner spawner(deep / "socket");
  RecordingListener listener;
  Options options;
  options.socket = deep / "socket";
  Client client(options, listener);
  auto start = std::async(std::launch::async, [&] { client.start(); });
  Peer peer = spawner.welcomeEmpty();
  start.get();
  CHECK(client.connected());
}

TEST_CASE("spawner client: stop leaves the spawner alone and calls the listener no more") {
  Connecting c;
  Peer peer = c.connect();
  c.client.stop();
  CHECK(peer.seesTheEnd());
  CHECK_FALSE(c.client.connected());
  CHECK_FALSE(c.client.acknowledge("n"));
  CHECK(c.listener.events() == std::vector<std::string>{"connected instance-1"});
}
