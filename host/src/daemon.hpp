// The composition root: owns every part of the host, in the order in which they start.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "api/services.hpp"
#include "config/config.hpp"
#include "http/server.hpp"
#include "plugins/registry.hpp"
#include "policy/tokens.hpp"
#include "policy/windows.hpp"
#include "spawner_client/client.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "tasks/executor.hpp"
#include "tasks/idempotency_keys.hpp"
#include "tasks/planner.hpp"
#include "tasks/retention.hpp"

namespace vx11 {

class StateDirectory;

class Daemon {
 public:
  // Starts everything but the door. Throws Error with one sentence for what keeps the host from starting.
  explicit Daemon(config::Config config);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void serve();     // opens the door; returns at once
  void shutDown();  // answers what is in flight and closes the door; daughters are left to the spawner
  std::string address() const;  // "http://127.0.0.1:8000"

 private:
  void onWindowClosed(const std::string& target);

  const config::Config config_;
  std::unique_ptr<StateDirectory> state_;
  policy::Tokens tokens_;
  store::Database database_;
  plugins::Registry plugins_;
  tasks::Planner planner_;
  tasks::Engine engine_;
  tasks::IdempotencyKeys idempotency_;
  spawner_client::Client spawner_;
  tasks::LocalExecutor executor_;
  policy::Windows windows_;
  tasks::Retention retention_;
  api::Services services_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace vx11
