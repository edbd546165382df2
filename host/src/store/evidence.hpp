// Tables routing_events and cli_usage_stats: what was decided, and what each call used. See the contract for
// the words that spawns and intents leave here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace vx11::store {

class WriteSession;
class ReadSession;

struct RoutingEventRow {
  int64_t id = 0;  // set when read
  WallTime timestamp;
  std::string trace_id;    // = correlation id
  std::string route_type;  // spawn, vx11_intent, cli, http, local_model
  std::string provider_id;
  double score = 0;
  std::string reasoning_short;
  std::string spawn_uuid;  // may be empty
  std::string outcome;     // may be empty
  std::optional<int64_t> decision_us;
  std::string config_hash;  // may be empty
};

struct UsageRow {
  std::string provider_id;  // "spawner:python"
  WallTime timestamp;
  bool success = false;
  int64_t latency_ms = 0;
  double cost_estimated = 0;
  int64_t tokens_estimated = 0;
  std::string error_class;  // empty: NULL
  std::string trace_id;
  int attempt = 1;
};

namespace evidence {

void insertRoutingEvent(WriteSession& session, const RoutingEventRow& row);
void insertUsage(WriteSession& session, const UsageRow& row);
std::vector<RoutingEventRow> newestRoutingEvents(ReadSession& session, int limit);
// In the order in which they were written.
std::vector<RoutingEventRow> routingEventsOf(ReadSession& session, std::string_view trace_id, int limit);
std::vector<UsageRow> usageOf(ReadSession& session, std::string_view trace_id, int limit);

}  // namespace evidence
}  // namespace vx11::store
