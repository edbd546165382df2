// The seam between the life of a task and what runs it: the local spawner now, other engines later.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"
#include "spawner_client/client.hpp"
#include "spawner_client/left_output.hpp"

namespace vx11::tasks {

// All calls are thread-safe and never block on the engine. False: there is no connection, nothing was sent.
class Executor {
 public:
  virtual ~Executor() = default;
  // All the work of a start but the sending, which the returned function does when it is called, at most once
  // and while this lives, and over that connection (Welcome::connection) only.
  virtual std::function<bool(uint64_t connection)> prepare(spawner_client::StartRequest request) = 0;
  virtual bool kill(const std::string& nonce, const std::string& reason) = 0;
  virtual bool acknowledge(const std::string& nonce) = 0;
  // Listener::onGrown tells what it writes, on this connection.
  virtual bool follow(const std::string& nonce, bool on) = 0;
  // Of an attempt that the connected one does not know: what an earlier one had kept of its output.
  virtual spawner_client::LeftOutput leftOutput(const std::string& nonce, uint64_t inline_bytes) const = 0;
  // A file of the spool by its name there, for reading; empty where it is not there.
  virtual UniqueFd openOutput(const std::string& name) const = 0;
  // Why nothing can be started now; empty when it can.
  virtual std::string unavailableReason() const = 0;
};

class LocalExecutor final : public Executor {
 public:
  // `spool`: where the spawner keeps what is longer than the inline part.
  LocalExecutor(spawner_client::Client& client, std::filesystem::path spool)
      : client_(client), spool_(std::move(spool)) {}
  std::function<bool(uint64_t)> prepare(spawner_client::StartRequest request) override {
    return client_.prepare(std::move(request));
  }
  bool kill(const std::string& nonce, const std::string& reason) override {
    return client_.kill(nonce, reason);
  }
  bool acknowledge(const std::string& nonce) override { return client_.acknowledge(nonce); }
  bool follow(const std::string& nonce, bool on) override { return client_.follow(nonce, on); }
  spawner_client::LeftOutput leftOutput(const std::string& nonce, uint64_t inline_bytes) const override {
    return spawner_client::readLeftOutput(spool_, nonce, inline_bytes);
  }
  UniqueFd openOutput(const std::string& name) const override {
    return spawner_client::openSpooled(spool_, name);
  }
  std::string unavailableReason() const override { return client_.connected() ? "" : client_.lastError(); }

 private:
  spawner_client::Client& client_;
  const std::filesystem::path spool_;
};

}  // namespace vx11::tasks
