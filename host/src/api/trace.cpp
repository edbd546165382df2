#include "api/trace.hpp"

#include <algorithm>

#include <Poco/JSON/Array.h>

#include "api/encode.hpp"
#include "api/find_spawn.hpp"
#include "api/perfetto.hpp"
#include "api/result.hpp"
#include "api/timeline.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"

namespace vx11::api {

namespace {

// Of one correlation id: more would be no line that anybody reads.
constexpr int kMaxSpawns = 100;
constexpr int kMaxRows = 1000;

using Poco::JSON::Array;

Timeline timeline(const Services& services, const tasks::View& view) {
  const auto attempts = services.database.read(
      [&](store::ReadSession& session) { return store::attempts::all(session, view.row.uuid); });
  return timelineOf(view, attempts, wallNow());
}

Array::Ptr told(const std::vector<TimelineEvent>& events) {
  Array::Ptr list = new Array;
  for (const auto& event : events) {
    auto body = json::newObject();
    body->set("at", isoTime(event.at));
    body->set("since_us", static_cast<Poco::Int64>(microsOf(event.at) - microsOf(events.front().at)));
    body->set("type", event.type);
    body->set("spawn_id", event.spawn_id);
    if (event.attempt) body->set("attempt", *event.attempt);
    for (const auto& name : event.detail->getNames()) body->set(name, event.detail->get(name));
    list->add(body);
  }
  return list;
}

Array::Ptr told(const std::vector<TimelineSpan>& spans, WallTime first) {
  Array::Ptr list = new Array;
  for (const auto& span : spans) {
    auto body = json::newObject();
    body->set("name", span.name);
    body->set("spawn_id", span.spawn_id);
    if (span.attempt) body->set("attempt", *span.attempt);
    body->set("since_us", static_cast<Poco::Int64>(microsOf(span.begin) - microsOf(first)));
    body->set("duration_us",
              span.end
                  ? Poco::Dynamic::Var(static_cast<Poco::Int64>(microsOf(*span.end) - microsOf(span.begin)))
                  : Poco::Dynamic::Var());
    body->set("outcome", textOrNull(span.outcome));
    list->add(body);
  }
  return list;
}

json::ObjectPtr told(const store::RoutingEventRow& row) {
  auto body = json::newObject();
  body->set("at", isoTime(row.timestamp));
  body->set("route_type", row.route_type);
  body->set("provider_id", row.provider_id);
  body->set("score", row.score);
  body->set("reasoning_short", row.reasoning_short);
  body->set("outcome", textOrNull(row.outcome));
  return body;
}

json::ObjectPtr told(const store::UsageRow& row) {
  auto body = json::newObject();
  body->set("at", isoTime(row.timestamp));
  body->set("provider_id", row.provider_id);
  body->set("attempt", row.attempt);
  body->set("success", row.success);
  body->set("latency_ms", static_cast<Poco::Int64>(row.latency_ms));
  body->set("error_class", textOrNull(row.error_class));
  return body;
}

// A task's own id stands for its correlation id.
std::vector<tasks::View> viewsOf(const Services& services, const std::string& id) {
  auto correlation_id = id;
  if (isCorrelationId(id)) {
    if (const auto view = services.engine.find(id)) correlation_id = view->row.correlation_id;
    auto views = services.engine.findByCorrelation(correlation_id, kMaxSpawns);
    std::reverse(views.begin(), views.end());  // the oldest first
    if (!views.empty()) return views;
  }
  return {findSpawn(services, id)};  // which says what is wrong with it
}

bool isPerfetto(const http::Request& request) {
  const auto format = request.query.find("format");
  if (format == request.query.end() || format->second == "json") return false;
  if (format->second == "perfetto") return true;
  throw Error(ErrorCode::kInvalidField, "format: must be json or perfetto",
              std::vector<FieldError>{{"format", "must be json or perfetto"}});
}

}  // namespace

http::Response spawnEvents(const Services& services, const http::Request& request) {
  const auto view = findSpawn(services, request.path_ids.at("id"));
  auto body = json::newObject();
  body->set("spawn_id", view.row.name);
  body->set("correlation_id", view.row.correlation_id);
  body->set("status", apiStatus(view));
  body->set("events", told(timeline(services, view).events));
  return answer(body, view.row.correlation_id);
}

http::Response trace(const Services& services, const http::Request& request) {
  const bool perfetto = isPerfetto(request);
  const auto views = viewsOf(services, request.path_ids.at("id"));
  const auto& correlation_id = views.front().row.correlation_id;
  Timeline all;
  Array::Ptr spawns = new Array;
  for (const auto& view : views) {
    spawns->add(encodeSummary(view));
    auto line = timeline(services, view);
    std::move(line.events.begin(), line.events.end(), std::back_inserter(all.events));
    std::move(line.spans.begin(), line.spans.end(), std::back_inserter(all.spans));
  }
  std::stable_sort(all.events.begin(), all.events.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  if (perfetto) return perfettoTrace(all, correlation_id);

  Array::Ptr routing = new Array;
  Array::Ptr usage = new Array;
  services.database.read([&](store::ReadSession& session) {
    for (const auto& row : store::evidence::routingEventsOf(session, correlation_id, kMaxRows))
      routing->add(told(row));
    for (const auto& row : store::evidence::usageOf(session, correlation_id, kMaxRows)) usage->add(told(row));
  });
  auto body = json::newObject();
  body->set("correlation_id", correlation_id);
  body->set("spawns", spawns);
  body->set("events", told(all.events));
  body->set("spans", told(all.spans, all.events.front().at));
  body->set("routing_events", routing);
  body->set("usage", usage);
  return answer(body, correlation_id);
}

}  // namespace vx11::api
