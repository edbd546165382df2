// A host for tests: speaks the protocol over a real socket.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "catch.hpp"
#include "spawner/protocol.hpp"

namespace vx11::test {

// Connects to a socket whose path may be of any length; empty where nobody answers.
UniqueFd connectTo(const std::string& path);

// A start of /bin/sh -c `script` with fresh ids and a ttl of a minute.
spawner::Start shell(const std::string& script);

class Host {
 public:
  // Connects and says Hello; takes the answers up to Synced.
  explicit Host(const std::string& socket_path, spawner::Hello hello = {});

  void send(spawner::Message message);
  // The next message; fails the test where none comes in time or the connection ends.
  spawner::Message next(int timeout_ms = 15'000);
  // Skips others until one of this kind comes; fails the test where a start was refused instead.
  template <class M>
  M await(int timeout_ms = 15'000);
  // The Finished of this nonce; other ends are kept for later calls.
  spawner::Finished finished(const std::string& nonce, int timeout_ms = 15'000);
  // Starts, waits for both answers, acknowledges.
  spawner::Finished run(spawner::Start start, int timeout_ms = 15'000);
  // The same two for a script, again and again while it is refused for a reason that passes: user ids of an
  // earlier run of the same test may still have to be swept.
  spawner::Started startWhenPossible(const std::string& script);
  spawner::Finished runWhenPossible(const std::string& script);

  const spawner::Welcome& welcome() const { return welcome_; }
  // What was told between Welcome and Synced.
  const std::vector<spawner::Started>& running() const { return running_; }
  const std::vector<spawner::Finished>& ended() const { return ended_; }
  int socket() const { return socket_.get(); }

 private:
  // Its Started, or its Finished where that comes first.
  spawner::Message sendWhenPossible(const std::string& script);

  UniqueFd socket_;
  spawner::Welcome welcome_;
  std::vector<spawner::Started> running_;
  std::vector<spawner::Finished> ended_;
  std::deque<spawner::Finished> early_;
};

template <class M>
M Host::await(int timeout_ms) {
  for (;;) {
    auto message = next(timeout_ms);
    if (auto* wanted = std::get_if<M>(&message)) return std::move(*wanted);
    if (auto* finished = std::get_if<spawner::Finished>(&message)) early_.push_back(std::move(*finished));
    if (const auto* refused = std::get_if<spawner::Refused>(&message)) FAIL("refused: " + refused->reason);
  }
}

}  // namespace vx11::test
