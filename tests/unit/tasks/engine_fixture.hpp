// An engine with a real database and real plugins, and an executor that only remembers what it was told: the
// test plays the spawner.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "plugins/registry.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

namespace vx11::test {

class RememberingExecutor final : public tasks::Executor {
 public:
  std::function<bool(uint64_t)> prepare(spawner_client::StartRequest request) override {
    return [this, request = std::move(request)](uint64_t connection) {
      if (during_start) std::exchange(during_start, nullptr)();
      const std::lock_guard lock(mutex_);
      if (!connected_ || connection < oldest_connection_) return false;
      starts_.push_back(request);
      return true;
    };
  }
  bool kill(const std::string& nonce, const std::string& reason) override {
    const std::lock_guard lock(mutex_);
    if (!connected_) return false;
    kills_.emplace_back(nonce, reason);
    return true;
  }
  bool acknowledge(const std::string& nonce) override {
    const std::lock_guard lock(mutex_);
    acknowledged_.push_back(nonce);
    return true;
  }
  bool follow(const std::string& nonce, bool on) override {
    const std::lock_guard lock(mutex_);
    follows_.emplace_back(nonce, on);
    return connected_;
  }
  spawner_client::LeftOutput leftOutput(const std::string&, uint64_t) const override { return {}; }
  UniqueFd openOutput(const std::string&) const override { return {}; }
  std::string unavailableReason() const override { return "the test says so"; }

  // Called once, while a start is being sent, which the engine waits for.
  std::function<void()> during_start;
  // Starts over an older one are not sent, as the client has it.
  void expectConnection(uint64_t connection) {
    const std::lock_guard lock(mutex_);
    oldest_connection_ = connection;
  }
  void connect(bool connected) {
    const std::lock_guard lock(mutex_);
    connected_ = connected;
  }
  std::vector<spawner_client::StartRequest> starts() const {
    const std::lock_guard lock(mutex_);
    return starts_;
  }
  std::vector<std::pair<std::string, std::string>> kills() const {
    const std::lock_guard lock(mutex_);
    return kills_;
  }
  std::vector<std::pair<std::string, bool>> follows() const {
    const std::lock_guard lock(mutex_);
    return follows_;
  }
  std::vector<std::string> acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }

 private:
  mutable std::mutex mutex_;
  bool connected_ = true;
  uint64_t oldest_connection_ = 0;
  std::vector<spawner_client::StartRequest> starts_;
  std::vector<std::pair<std::string, std::string>> kills_;
  std::vector<std::string> acknowledged_;
  std::vector<std::pair<std::string, bool>> follows_;
};

inline spawner_client::Welcome welcomeOf(const std::string& instance) {
  spawner_client::Welcome welcome;
  welcome.instance = instance;
  welcome.pid = 4242;
  welcome.isolation = "same-user";
  welcome.tree_kill = "sweep";
  return welcome;
}

inline spawner_client::Started startedOf(const spawner_client::StartRequest& request, int pid = 100) {
  return {request.nonce, request.spawn_uuid, pid, 0, wallNow()};
}

inline spawner_client::Finished finishedOf(const spawner_client::StartRequest& request, int exit_code = 0) {
  spawner_client::Finished finished;
  finished.nonce = request.nonce;
  finished.spawn_uuid = request.spawn_uuid;
  finished.exit_code = exit_code;
  finished.started_at = wallNow();
  finished.ended_at = wallNow();
  finished.out.inline_bytes = "out";
  finished.out.total_bytes = 3;
  finished.tree_empty = true;
  return finished;
}

inline tasks::Submission submissionOf(const std::string& code = "echo hi", int max_retries = 0) {
  tasks::Submission submission;
  submission.task_type = "shell";
  submission.code = code;
  submission.max_retries = max_retries;
  return submission;
}

// One life of the host on a directory that may see several.
struct EngineLife {
  explicit EngineLife(const TempDirectory& directory, tasks::Limits limits = {},
                      const std::string& host = "host-1")
      : database({.file = directory / "vx11.db"}),
        planner(plugins, {}),
        engine(database, planner, limits, host) {
    plugins.load({VX11_PLUGIN_DIRECTORY});
    engine.recover();
    engine.start(executor);
  }

  bool started(size_t count) {
    return eventually([&] { return executor.starts().size() >= count; });
  }
  bool acknowledgedAll(size_t count) {
    return eventually([&] { return executor.acknowledged().size() >= count; });
  }

  store::Database database;
  plugins::Registry plugins;
  tasks::Planner planner;
  RememberingExecutor executor;
  tasks::Engine engine;
};

}  // namespace vx11::test
