#include "store/evidence.hpp"

#include "store/session.hpp"

namespace vx11::store::evidence {

void insertRoutingEvent(WriteSession& session, const RoutingEventRow& row) {
  session.run(
      "INSERT INTO routing_events (timestamp, trace_id, route_type, provider_id, score, reasoning_short, "
      "spawn_uuid, outcome, decision_us, config_hash) VALUES (?,?,?,?,?,?,?,?,?,?)",
      {row.timestamp, row.trace_id, row.route_type, row.provider_id, row.score, row.reasoning_short,
       Value::orNull(row.spawn_uuid), Value::orNull(row.outcome), row.decision_us,
       Value::orNull(row.config_hash)});
}

void insertUsage(WriteSession& session, const UsageRow& row) {
  session.run(
      "INSERT INTO cli_usage_stats (provider_id, timestamp, success, latency_ms, cost_estimated, "
      "tokens_estimated, error_class, trace_id, attempt) VALUES (?,?,?,?,?,?,?,?,?)",
      {row.provider_id, row.timestamp, row.success, row.latency_ms, row.cost_estimated, row.tokens_estimated,
       Value::orNull(row.error_class), Value::orNull(row.trace_id), row.attempt});
}

namespace {

#define VX11_ROUTING_COLUMNS                                                                        \
  "id, timestamp, trace_id, route_type, provider_id, score, reasoning_short, spawn_uuid, outcome, " \
  "decision_us, config_hash"

RoutingEventRow decodeRouting(Row& row) {
  RoutingEventRow event;
  event.id = row.integer();
  event.timestamp = row.time();
  event.trace_id = row.text();
  event.route_type = row.text();
  event.provider_id = row.text();
  event.score = row.real();
  event.reasoning_short = row.text();
  event.spawn_uuid = row.text();
  event.outcome = row.text();
  event.decision_us = row.maybeInteger();
  event.config_hash = row.text();
  return event;
}

}  // namespace

std::vector<RoutingEventRow> newestRoutingEvents(ReadSession& session, int limit) {
  std::vector<RoutingEventRow> events;
  session.query("SELECT " VX11_ROUTING_COLUMNS
                " FROM routing_events ORDER BY timestamp DESC, id DESC LIMIT ?",
                {limit}, [&](Row& row) { events.push_back(decodeRouting(row)); });
  return events;
}

std::vector<RoutingEventRow> routingEventsOf(ReadSession& session, std::string_view trace_id, int limit) {
  std::vector<RoutingEventRow> events;
  session.query("SELECT " VX11_ROUTING_COLUMNS " FROM routing_events WHERE trace_id = ? ORDER BY id LIMIT ?",
                {trace_id, limit}, [&](Row& row) { events.push_back(decodeRouting(row)); });
  return events;
}

std::vector<UsageRow> usageOf(ReadSession& session, std::string_view trace_id, int limit) {
  std::vector<UsageRow> rows;
  session.query(
      "SELECT provider_id, timestamp, success, latency_ms, cost_estimated, tokens_estimated, error_class, "
      "trace_id, attempt FROM cli_usage_stats WHERE trace_id = ? ORDER BY id LIMIT ?",
      {trace_id, limit}, [&](Row& row) {
        UsageRow& usage = rows.emplace_back();
        usage.provider_id = row.text();
        usage.timestamp = row.time();
        usage.success = row.integer() != 0;
        usage.latency_ms = row.integer();
        usage.cost_estimated = row.real();
        usage.tokens_estimated = row.integer();
        usage.error_class = row.text();
        usage.trace_id = row.text();
        usage.attempt = static_cast<int>(row.maybeInteger().value_or(1));
      });
  return rows;
}

}  // namespace vx11::store::evidence
