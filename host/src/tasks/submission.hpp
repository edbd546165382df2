// What somebody asks to be run, decoded and checked for shape, before any plugin has seen it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/plan.hpp"

namespace vx11::tasks {

struct Submission {
  std::string task_type;
  std::string code;
  int64_t ttl_seconds = 3600;         // 1 to 86400
  int64_t max_retries = 0;            // 0 to 10
  std::vector<std::string> retry_on;  // outcomes; empty: the usual ones
  int priority = 1;                   // 0 (P0, the first to be started) to 2
  std::string user_id = "local";
  std::string metadata_json = "{}";
  std::string correlation_id;  // empty: the spawn's uuid becomes it
  std::string traceparent;     // W3C or empty
  std::string label;
  std::vector<std::string> args;
  std::string stdin_bytes;
  std::map<std::string, std::string> env;
  // Reaches the daughter, and is written down nowhere. No name of it is in `env`.
  std::map<std::string, std::string> secret_env;
  PlanLimits limits;
  std::string cwd;  // absolute or empty
  std::vector<PlanFile> files;
  // The caller's Idempotency-Key, claimed by who submits this, and the hash of the request; both empty: none.
  std::string idempotency_key;
  std::string request_hash;
  // Engine::cancellations() before it was seen that this may run: one that came since is meant for this too.
  uint64_t cancellations = 0;
};

}  // namespace vx11::tasks
