#include "api/summary.hpp"

#include "api/encode.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"
#include "store/spawns.hpp"
#include "store/summary.hpp"

namespace vx11::api {

namespace {

constexpr int kLast = 5;

json::ObjectPtr encode(const store::SpawnRow& row) {
  auto body = json::newObject();
  body->set("name", row.name);
  body->set("uuid", row.uuid);
  body->set("status", row.status);
  body->set("task_type", row.task_type);
  body->set("pid", numberOrNull(row.pid));
  body->set("exit_code", row.end ? numberOrNull(row.end->exit_code) : Poco::Dynamic::Var());
  body->set("created_at", isoTime(row.created_at));
  body->set("started_at", timeOrNull(row.end ? row.end->started_at : row.started_at));
  body->set("ended_at", row.end ? timeOrNull(row.end->ended_at) : Poco::Dynamic::Var());
  body->set("correlation_id", row.correlation_id);
  return body;
}

json::ObjectPtr encode(const store::RoutingEventRow& row) {
  auto body = json::newObject();
  body->set("id", static_cast<Poco::Int64>(row.id));
  body->set("timestamp", isoTime(row.timestamp));
  body->set("trace_id", row.trace_id);
  body->set("route_type", row.route_type);
  body->set("provider_id", row.provider_id);
  body->set("score", row.score);
  body->set("reasoning_short", row.reasoning_short);
  return body;
}

}  // namespace

http::Response summary(const Services& services, const http::Request&) {
  auto counts = json::newObject();
  auto spawns = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  auto events = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  services.database.read([&](store::ReadSession& session) {
    for (const auto& [table, rows] : store::countRows(session))
      counts->set(table, static_cast<Poco::Int64>(rows));
    for (const auto& row : store::spawns::newest(session, kLast)) spawns->add(encode(row));
    for (const auto& row : store::evidence::newestRoutingEvents(session, kLast)) events->add(encode(row));
  });
  auto body = json::newObject();
  body->set("counts", counts);
  body->set("last_spawns", spawns);
  body->set("last_routing_events", events);
  return answer(body);
}

}  // namespace vx11::api
