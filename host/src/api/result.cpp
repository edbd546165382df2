#include "api/result.hpp"

#include "api/encode.hpp"
#include "api/find_spawn.hpp"
#include "base/text.hpp"

namespace vx11::api {

namespace {

// Output that is not UTF-8 is given exactly in base64, and readably beside it.
void setOutput(json::Object& body, const std::string& name, const std::string& bytes) {
  if (text::isUtf8(bytes)) {
    body.set(name, bytes);
    return;
  }
  body.set(name, text::escapeInvalidUtf8(bytes));
  body.set(name + "_base64", text::toBase64(bytes));
}

enum class Output { kWith, kWithout };

void setEnd(json::Object& body, const store::SpawnEnd& end, Output output) {
  body.set("exit_code", numberOrNull(end.exit_code));
  if (output == Output::kWith) {
    setOutput(body, "stdout", end.out);
    setOutput(body, "stderr", end.err);
  }
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
  if (output == Output::kWith) {
    auto truncated = json::newObject();
    truncated->set("stdout", end.out_bytes > static_cast<int64_t>(end.out.size()));
    truncated->set("stderr", end.err_bytes > static_cast<int64_t>(end.err.size()));
    body.set("truncated", truncated);
  }
  body.set("tree_empty", end.tree_empty);
}

void setNoEnd(json::Object& body, const std::string& cancel_reason, Output output) {
  for (const char* name : {"exit_code", "outcome", "reason", "signal", "duration_ms", "usage", "stdout_bytes",
                           "stderr_bytes", "tree_empty"}) {
    body.set(name, Poco::Dynamic::Var());
  }
  if (!cancel_reason.empty()) body.set("reason", "it is being ended: " + cancel_reason);
  if (output == Output::kWithout) return;
  for (const char* name : {"stdout", "stderr", "truncated"}) body.set(name, Poco::Dynamic::Var());
}

json::ObjectPtr encode(const tasks::View& view, Output output) {
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
  body->set("priority", "P" + std::to_string(row.priority));
  body->set("attempt", row.attempt);
  body->set("pid", numberOrNull(row.end ? std::optional<int>() : row.pid));
  body->set("queue_reason", textOrNull(view.queue_reason));
  if (row.end) {
    setEnd(*body, *row.end, output);
  } else {
    setNoEnd(*body, row.cancel_reason, output);
  }
  return body;
}

}  // namespace

json::ObjectPtr encodeResult(const tasks::View& view) {
  return encode(view, Output::kWith);
}

json::ObjectPtr encodeSummary(const tasks::View& view) {
  return encode(view, Output::kWithout);
}

http::Response result(const Services& services, const http::Request& request) {
  const auto wait = waitOf(request);
  const auto view = awaitEnd(services, findSpawn(services, request.path_ids.at("id")), wait);
  return answer(encodeResult(view), view.row.correlation_id);
}

}  // namespace vx11::api
