#include "api/perfetto.hpp"

#include <map>

#include <Poco/JSON/Array.h>

#include "api/encode.hpp"

namespace vx11::api {

namespace {

constexpr int kProcess = 1;

class Writer {
 public:
  explicit Writer(const std::string& correlation_id) { name("process_name", 0, "vx11 " + correlation_id); }

  void span(const TimelineSpan& span, WallTime now) {
    auto body = event(span.name, "X", span.spawn_id);
    body->set("ts", static_cast<Poco::Int64>(microsOf(span.begin)));
    body->set("dur", static_cast<Poco::Int64>(microsOf(span.end.value_or(now)) - microsOf(span.begin)));
    auto args = json::newObject();
    if (span.attempt) args->set("attempt", *span.attempt);
    if (!span.outcome.empty()) args->set("outcome", span.outcome);
    body->set("args", args);
  }

  void instant(const TimelineEvent& happened) {
    auto body = event(happened.type, "i", happened.spawn_id);
    body->set("ts", static_cast<Poco::Int64>(microsOf(happened.at)));
    body->set("s", "t");  // of its thread
    body->set("args", happened.detail);
  }

  json::ObjectPtr take() const {
    auto all = json::newObject();
    all->set("traceEvents", events_);
    all->set("displayTimeUnit", "ms");
    return all;
  }

 private:
  void name(const std::string& what, int thread, const std::string& text) {
    auto body = json::newObject();
    body->set("name", what);
    body->set("ph", "M");
    body->set("pid", kProcess);
    body->set("tid", thread);
    auto args = json::newObject();
    args->set("name", text);
    body->set("args", args);
    events_->add(body);
  }

  int threadOf(const std::string& spawn_id) {
    const auto [place, is_new] = threads_.emplace(spawn_id, static_cast<int>(threads_.size()) + 1);
    if (is_new) name("thread_name", place->second, spawn_id);
    return place->second;
  }

  json::ObjectPtr event(const std::string& what, const char* phase, const std::string& spawn_id) {
    const int thread = threadOf(spawn_id);
    auto body = json::newObject();
    body->set("name", what);
    body->set("ph", phase);
    body->set("pid", kProcess);
    body->set("tid", thread);
    events_->add(body);
    return body;
  }

  Poco::JSON::Array::Ptr events_ = new Poco::JSON::Array;
  std::map<std::string, int> threads_;
};

}  // namespace

http::Response perfettoTrace(const Timeline& line, const std::string& correlation_id) {
  Writer writer(correlation_id);
  const auto now = wallNow();
  for (const auto& span : line.spans) writer.span(span, now);
  for (const auto& event : line.events) writer.instant(event);
  auto response = answer(writer.take(), correlation_id);
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + correlation_id + ".json\"");
  return response;
}

}  // namespace vx11::api
