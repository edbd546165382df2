#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "base/error.hpp"
#include "catch.hpp"
#include "recording_listener.hpp"
#include "scripted_spawner.hpp"
#include "spawner_client/connection.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

using namespace vx11;
using namespace vx11::spawner_client;
using Catch::Matchers::Contains;

namespace {

struct Starting {
  test::TempDirectory directory;
  RecordingListener listener;
  Options options;

  Starting() {
    options.socket = directory / "socket";
    options.spool_directory = directory / "spool";
    options.tasks_directory = directory / "tasks";
  }

  // What start() throws.
  std::string refusal() {
    Client client(options, listener);
    try {
      client.start();
      return "it started";
    } catch (const Error& e) {
      CHECK(e.code() == ErrorCode::kConfiguration);
      return e.what();
    }
  }
};

}  // namespace

TEST_CASE("spawner client start: nobody there and no program set names the socket and the setting") {
  Starting s;
  CHECK_THAT(s.refusal(), Contains((s.directory / "socket").string()) && Contains("spawner.binary"));
  CHECK(s.listener.events().empty());
}

TEST_CASE("spawner client start: a missing program is named") {
  Starting s;
  s.options.binary = s.directory / "vx11-spawner";
  CHECK_THAT(s.refusal(), Contains(s.options.binary.string() + " does not exist"));
}

TEST_CASE("spawner client start: a program that is not executable is named") {
  Starting s;
  s.options.binary = s.directory / "vx11-spawner";
  test::writeFile(s.options.binary, "#!/bin/sh\n", 0644);
  CHECK_THAT(s.refusal(), Contains(s.options.binary.string() + " is not executable"));
}

TEST_CASE("spawner client start: a spawner that refuses to start is quoted") {
  Starting s;
  s.options.binary = s.directory / "vx11-spawner";
  test::writeFile(s.options.binary, "#!/bin/sh\necho 'The spool directory is full: make room.' >&2\nexit 1\n",
                  0755);
  CHECK(s.refusal() == "The spool directory is full: make room.");
}

TEST_CASE("spawner client start: starts a spawner where nobody answers, and connects to it") {
  Starting s;
  s.options.binary = s.directory / "vx11-spawner";
  test::writeFile(s.options.binary, "#!/bin/sh\n: > '" + (s.directory / "launched").string() + "'\n", 0755);
  Client client(s.options, s.listener);
  auto start = std::async(std::launch::async, [&] { client.start(); });
  REQUIRE(test::eventually([&] { return std::filesystem::exists(s.directory / "launched"); }));
  ScriptedSpawner spawner(s.directory / "socket");
  Peer peer = spawner.welcomeEmpty();
  start.get();
  CHECK(client.connected());
}

TEST_CASE("spawner client start: a newer spawner's version is named") {
  Starting s;
  ScriptedSpawner spawner(s.directory / "socket");
  auto refusal = std::async(std::launch::async, [&] { return s.refusal(); });
  Peer peer = spawner.accept();
  spawner::Welcome welcome;
  welcome.version = 999;
  welcome.instance = "new";
  welcome.pid = 4711;
  peer.send(std::move(welcome));
  CHECK_THAT(refusal.get(),
             Contains("pid 4711") && Contains("protocol version 999") && Contains("one release"));
}

TEST_CASE("spawner client start: a spawner that serves another vx11d is quoted after a short wait") {
  Starting s;
  ScriptedSpawner spawner(s.directory / "socket");
  auto refusal = std::async(std::launch::async, [&] { return s.refusal(); });
  while (refusal.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    // The last try may already be over when the next accept() would wait.
    std::optional<Peer> peer;
    try {
      peer = spawner.accept(std::chrono::milliseconds(100));
    } catch (const std::runtime_error&) {
      continue;
    }
    peer->send(spawner::Fault{"Another vx11d (pid 12) is connected."});
  }
  CHECK_THAT(refusal.get(), Contains("refuses this vx11d: Another vx11d (pid 12) is connected."));
}

TEST_CASE("spawner client start: a refusal that passes does not fail the start") {
  Starting s;
  ScriptedSpawner spawner(s.directory / "socket");
  Client client(s.options, s.listener);
  auto start = std::async(std::launch::async, [&] { client.start(); });
  {
    Peer peer = spawner.accept();
    peer.send(spawner::Fault{"Another vx11d (pid 12) is connected."});
  }
  Peer peer = spawner.welcomeEmpty();
  start.get();
  CHECK(client.connected());
}

TEST_CASE("spawner client start: a spawner that is ending when we come does not fail the start") {
  Starting s;
  ScriptedSpawner spawner(s.directory / "socket");
  Client client(s.options, s.listener);
  auto start = std::async(std::launch::async, [&] { client.start(); });
  {
    // It answers no more, for longer than obstacles are given at a start, and goes.
    Peer peer = spawner.accept();
    REQUIRE(start.wait_for(std::chrono::milliseconds(2500)) == std::future_status::timeout);
  }
  Peer peer = spawner.welcomeEmpty();
  start.get();
  CHECK(client.connected());
}

TEST_CASE("spawner client start: only root and our own user receive code") {
  CHECK(mayReceiveCode(0, 1000));
  CHECK(mayReceiveCode(1000, 1000));
  CHECK_FALSE(mayReceiveCode(1001, 1000));
  CHECK_FALSE(mayReceiveCode(1000, 0));
}

TEST_CASE("spawner client start: a socket that somebody else serves gets no code") {
  if (geteuid() != 0) return;  // only root can play somebody else
  Starting s;
  UniqueFd listener = listenAt(s.directory / "socket");
  // The kernel notes who calls listen(), so a second call as another user changes the owner of the listener.
  REQUIRE(seteuid(65534) == 0);
  const int listened = listen(listener.get(), 16);
  REQUIRE(seteuid(0) == 0);
  REQUIRE(listened == 0);
  CHECK_THAT(s.refusal(), Contains("user id 65534") && Contains("remove it"));
}

TEST_CASE("spawner client start: stop ends a start that waits for an answer") {
  Starting s;
  ScriptedSpawner spawner(s.directory / "socket");
  Client client(s.options, s.listener);
  auto start = std::async(std::launch::async, [&] { client.start(); });
  Peer silent = spawner.accept();
  silent.receiveA<spawner::Hello>();
  const auto before = std::chrono::steady_clock::now();
  client.stop();
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
  CHECK_THROWS_AS(start.get(), Error);
  CHECK(s.listener.events().empty());
}

TEST_CASE("spawner client start: stop ends a start that waits for the program") {
  Starting s;
  s.options.binary = s.directory / "vx11-spawner";
  test::writeFile(s.options.binary,
                  "#!/bin/sh\n: > '" + (s.directory / "launched").string() + "'\nexec sleep 60\n", 0755);
  Client client(s.options, s.listener);
  auto start = std::async(std::launch::async, [&] { client.start(); });
  REQUIRE(test::eventually([&] { return std::filesystem::exists(s.directory / "launched"); }));
  const auto before = std::chrono::steady_clock::now();
  client.stop();
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
  CHECK_THROWS_AS(start.get(), Error);
}
