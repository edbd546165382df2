#include "api/spawn.hpp"

#include <algorithm>
#include <exception>

#include <Poco/SHA2Engine.h>

#include "api/encode.hpp"
#include "api/find_spawn.hpp"
#include "api/result.hpp"
#include "api/spawn_request.hpp"
#include "api/windows.hpp"
#include "http/error_response.hpp"
#include "policy/windows.hpp"
#include "tasks/engine.hpp"
#include "tasks/idempotency_keys.hpp"

namespace vx11::api {

namespace {

constexpr size_t kMaxKeyBytes = 255;

http::Response denied(const Services& services, const http::Request& request, const json::ObjectPtr& wanted) {
  const auto own = correlationIdOf(wanted);
  const auto& correlation_id = own.empty() ? request.correlation_id : own;
  services.windows.recordDenial(kSpawnWindow, "POST /vx11/spawn", correlation_id);
  auto body = json::newObject();
  body->set("spawn_id", "");
  body->set("spawn_uuid", "");
  body->set("correlation_id", correlation_id);
  body->set("status", "ERROR");
  body->set("task_type", textOrNull(taskTypeOf(wanted)));
  body->set("error", "off_by_policy");
  body->set("created_at", Poco::Dynamic::Var());
  body->set("hint", openHint(services, kSpawnWindow));
  auto response = answer(body, correlation_id);
  response.status = services.denied_http_status;
  return response;
}

http::Response accepted(const tasks::View& view, const char* status) {
  return answer(encodeAccepted(view, status), view.row.correlation_id);
}

// The caller's key, and what the request is told by.
struct Key {
  std::string text;
  std::string request_hash;
};

http::Response admit(const Services& services, const http::Request& request, const json::ObjectPtr& body,
                     uint64_t cancellations, const Key& key) {
  const auto wait = waitOf(request);
  auto submission = decodeSubmission(body, request.correlation_id_given ? request.correlation_id : "",
                                     services.unknown_fields);
  submission.traceparent = request.traceparent;
  submission.cancellations = cancellations;
  submission.idempotency_key = key.text;
  submission.request_hash = key.request_hash;
  const auto task = services.engine.submit(submission, wait.count() > 0 ? monoNow() + wait : MonoTime());
  const auto view = services.engine.view(task);
  if (wait.count() > 0 && view.row.end) return answer(encodeResult(view), task->row.correlation_id);
  return accepted(view, wait.count() > 0 ? apiStatus(view) : "QUEUED");
}

http::Response spawnNew(const Services& services, const http::Request& request, const json::ObjectPtr& body,
                        const Key& key) {
  const auto cancellations = services.engine.cancellations();
  if (!services.windows.isOpen(kSpawnWindow)) return denied(services, request, body);
  try {
    return admit(services, request, body, cancellations, key);
  } catch (...) {
    // Refused or not, the body's correlation id wins over the header's.
    const auto own = correlationIdOf(body);
    if (own.empty()) throw;
    return http::errorResponse(std::current_exception(), request.path, own);
  }
}

// What was accepted before is told again, also where the window has closed since: nothing new is begun.
http::Response replayed(const Services& services, const http::Request& request, const std::string& uuid) {
  const auto wait = waitOf(request);
  auto found = services.engine.find(uuid);
  if (!found) throw Error(ErrorCode::kConflict, "the task of this Idempotency-Key is not kept any more");
  const auto view = awaitEnd(services, std::move(*found), wait);
  auto response = wait.count() > 0 && view.row.end
                      ? answer(encodeResult(view), view.row.correlation_id)
                      : accepted(view, wait.count() > 0 ? apiStatus(view) : "QUEUED");
  response.headers.emplace_back("Idempotent-Replayed", "true");
  return response;
}

Key keyOf(const http::Request& request, const std::string& given) {
  const bool visible = std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (given.empty() || given.size() > kMaxKeyBytes || !visible) {
    throw Error(ErrorCode::kInvalidField, "the Idempotency-Key cannot be accepted",
                std::vector<FieldError>{
                    {"Idempotency-Key", "must be 1 to 255 visible ASCII characters, for instance a uuid"}});
  }
  Poco::SHA2Engine hash;
  hash.update(request.body);
  return {given, Poco::DigestEngine::digestToHex(hash.digest())};
}

}  // namespace

json::ObjectPtr encodeAccepted(const tasks::View& view, const char* status) {
  auto body = json::newObject();
  body->set("spawn_id", view.row.name);
  body->set("spawn_uuid", view.row.uuid);
  body->set("correlation_id", view.row.correlation_id);
  body->set("status", status);
  body->set("task_type", view.row.task_type);
  body->set("error", Poco::Dynamic::Var());
  body->set("created_at", isoTime(view.row.created_at));
  if (!view.queue_reason.empty()) body->set("queue_reason", view.queue_reason);
  return body;
}

http::Response spawn(const Services& services, const http::Request& request) {
  const auto body = json::parseObject(request.body);
  const auto* const given = request.header("idempotency-key");
  if (given == nullptr) return spawnNew(services, request, body, {});
  const auto key = keyOf(request, *given);
  const auto claim = services.idempotency.claim(key.text, key.request_hash);
  if (const auto* uuid = std::get_if<std::string>(&claim)) return replayed(services, request, *uuid);
  return spawnNew(services, request, body, key);
}

}  // namespace vx11::api
