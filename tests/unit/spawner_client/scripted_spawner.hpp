// The other end of the protocol, played by the test line by line.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "spawner/protocol.hpp"
#include "wait.hpp"

namespace vx11::spawner_client {

// One accepted connection. Every call waits at most test::kDeadline, then throws std::runtime_error.
class Peer {
 public:
  explicit Peer(UniqueFd socket) : socket_(std::move(socket)) {}

  spawner::Message receive();
  // The next message, which must be of this kind.
  template <class Kind>
  Kind receiveA() {
    return std::get<Kind>(receive());
  }
  // True when the host closed its end and nothing is left to read.
  bool seesTheEnd();
  void send(spawner::Message message);
  void sendBytes(std::string_view bytes);
  void close() { socket_.reset(); }

 private:
  spawner::Packet next();

  UniqueFd socket_;
};

class ScriptedSpawner {
 public:
  explicit ScriptedSpawner(const std::filesystem::path& socket);

  Peer accept(std::chrono::milliseconds deadline = test::kDeadline);
  // Accepts, takes the Hello and says who it is; the caller goes on with what runs and Synced.
  Peer welcome(const std::string& instance = "instance-1");
  // The same, with nothing running.
  Peer welcomeEmpty(const std::string& instance = "instance-1");

 private:
  UniqueFd listener_;
};

// A listening SEQPACKET socket at a path of any length.
UniqueFd listenAt(const std::filesystem::path& socket);

}  // namespace vx11::spawner_client
