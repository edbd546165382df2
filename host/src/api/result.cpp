#include "api/result.hpp"

#include "api/encode.hpp"
#include "base/id.hpp"
#include "base/text.hpp"

namespace vx11::api {

namespace {

constexpr int kMaxMatches = 100;

// Output that is not UTF-8 is given exactly in base64, and readably beside it.
void setOutput(json::Object& body, const std::string& name, const std::string& bytes) {
  if (text::isUtf8(bytes)) {
    body.set(name, bytes);
    return;
  }
  body.set(name, text::escapeInvalidUtf8(bytes));
  body.set(name + "_base64", text::toBase64(bytes));
}

void setEnd(json::Object& body, const store::SpawnEnd& end) {
  body.set("exit_code", numberOrNull(end.exit_code));
  setOutput(body, "stdout", end.out);
  setOutput(body, "stderr", end.err);
  body.set("outcome", end.outcome);
  body.set("reason", textOrNull(end.reason));
  body.set("signal", numberOrNull(end.signal));
  body.set("duration_ms", static_cast<Poco::Int64>(end.duration_ms));
  auto usage = json::newObject();
  usage->set("user_ms", static_cast<Poco::Int64>(end.user_ms));
  usage->set("system_ms", static_cast<Poco::Int64>(end.system_ms));
  usage->set("max_rss_kb", static_cast<Poco::Int64>(end.max_rss_kb));
  body.set("usage", usage);
  body.set("stdout_bytes", static_cast<Poco::Int64>(end.out_bytes));
  body.set("stderr_bytes", static_cast<Poco::Int64>(end.err_bytes));
  auto truncated = json::newObject();
  truncated->set("stdout", end.out_bytes > static_cast<int64_t>(end.out.size()));
  truncated->set("stderr", end.err_bytes > static_cast<int64_t>(end.err.size()));
  body.set("truncated", truncated);
  body.set("tree_empty", end.tree_empty);
}

void setNoEnd(json::Object& body) {
  for (const char* name : {"exit_code", "stdout", "stderr", "outcome", "reason", "signal", "duration_ms",
                           "usage", "stdout_bytes", "stderr_bytes", "truncated", "tree_empty"}) {
    body.set(name, Poco::Dynamic::Var());
  }
}

http::Response ended(const Services& services, const tasks::View& view, std::chrono::seconds wait) {
  // Of the task that was looked at: to look for it again would miss one that ends in between.
  if (wait.count() > 0 && view.task) {
    services.engine.waitEnded(view.task, monoNow() + wait);
    return answer(encodeResult(services.engine.view(view.task)), view.row.correlation_id);
  }
  return answer(encodeResult(view), view.row.correlation_id);
}

[[noreturn]] void refuseUnknown(const std::string& id) {
  throw Error(ErrorCode::kNotFound, "there is no spawn, uuid or correlation id \"" + id + "\"");
}

[[noreturn]] void refuseBadId() {
  constexpr const char* kShape = "must have 1 to 128 characters of [A-Za-z0-9._:-]";
  throw Error(ErrorCode::kInvalidField, std::string("the id ") + kShape,
              std::vector<FieldError>{{"id", kShape}});
}

[[noreturn]] void refuseAmbiguous(const std::vector<tasks::View>& views, const std::string& id) {
  std::vector<IdMatch> matches;
  for (const auto& view : views) {
    matches.push_back({"spawn", view.row.name, apiStatus(view), isoTime(view.row.created_at)});
  }
  throw Error(ErrorCode::kAmbiguousId, "\"" + id + "\" stands for " + std::to_string(views.size()) + " tasks",
              std::move(matches));
}

}  // namespace

const char* apiStatus(const tasks::View& view) {
  if (!view.row.end) return view.running ? "RUNNING" : "QUEUED";
  return view.row.end->status == store::spawn_status::kCompleted ? "DONE" : "ERROR";
}

json::ObjectPtr encodeResult(const tasks::View& view) {
  const auto& row = view.row;
  auto body = json::newObject();
  body->set("spawn_uuid", row.uuid);
  body->set("spawn_id", row.name);
  body->set("correlation_id", row.correlation_id);
  body->set("status", apiStatus(view));
  body->set("task_type", row.task_type);
  body->set("label", textOrNull(row.label));
  body->set("created_at", isoTime(row.created_at));
  body->set("started_at", timeOrNull(row.end ? row.end->started_at : row.started_at));
  body->set("finished_at", row.end ? timeOrNull(row.end->ended_at) : Poco::Dynamic::Var());
  body->set("ttl_seconds", static_cast<Poco::Int64>(row.ttl_seconds));
  body->set("attempt", row.attempt);
  body->set("pid", numberOrNull(row.end ? std::optional<int>() : row.pid));
  body->set("queue_reason", textOrNull(view.queue_reason));
  if (row.end) {
    setEnd(*body, *row.end);
  } else {
    setNoEnd(*body);
  }
  return body;
}

http::Response result(const Services& services, const http::Request& request) {
  checkQuery(request, {"wait"});
  const auto wait = waitOf(request);
  const auto& id = request.path_ids.at("id");
  if (!isCorrelationId(id)) refuseBadId();
  if (const auto view = services.engine.find(id)) return ended(services, *view, wait);
  const auto views = services.engine.findByCorrelation(id, kMaxMatches);
  if (views.empty()) refuseUnknown(id);
  if (views.size() > 1) refuseAmbiguous(views, id);
  return ended(services, views.front(), wait);
}

}  // namespace vx11::api
