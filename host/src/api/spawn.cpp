#include "api/spawn.hpp"

#include <exception>

#include "api/encode.hpp"
#include "api/result.hpp"
#include "api/spawn_request.hpp"
#include "api/windows.hpp"
#include "http/error_response.hpp"
#include "policy/windows.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

namespace {

constexpr const char* kWindow = "spawner";

http::Response denied(const Services& services, const http::Request& request, const json::ObjectPtr& wanted) {
  const auto own = correlationIdOf(wanted);
  const auto& correlation_id = own.empty() ? request.correlation_id : own;
  services.windows.recordDenial(kWindow, "POST /vx11/spawn", correlation_id);
  auto body = json::newObject();
  body->set("spawn_id", "");
  body->set("spawn_uuid", "");
  body->set("correlation_id", correlation_id);
  body->set("status", "ERROR");
  body->set("task_type", textOrNull(taskTypeOf(wanted)));
  body->set("error", "off_by_policy");
  body->set("created_at", Poco::Dynamic::Var());
  body->set("hint", openHint(services, kWindow));
  auto response = answer(body, correlation_id);
  response.status = services.denied_http_status;
  return response;
}

// `status` is QUEUED at once after the acceptance, as the contract has it, even where the task already runs.
http::Response accepted(const tasks::View& view, const char* status) {
  auto body = json::newObject();
  body->set("spawn_id", view.row.name);
  body->set("spawn_uuid", view.row.uuid);
  body->set("correlation_id", view.row.correlation_id);
  body->set("status", status);
  body->set("task_type", view.row.task_type);
  body->set("error", Poco::Dynamic::Var());
  body->set("created_at", isoTime(view.row.created_at));
  if (!view.queue_reason.empty()) body->set("queue_reason", view.queue_reason);
  return answer(body, view.row.correlation_id);
}

http::Response admit(const Services& services, const http::Request& request, const json::ObjectPtr& body,
                     uint64_t cancellations) {
  checkQuery(request, {"wait"});
  const auto wait = waitOf(request);
  if (request.header("idempotency-key") != nullptr) {
    throw Error(ErrorCode::kNotYetSupported, "the request uses what this version does not serve yet",
                std::vector<FieldError>{{"Idempotency-Key", "is not supported yet; leave the header out"}});
  }
  auto submission = decodeSubmission(body, request.correlation_id_given ? request.correlation_id : "",
                                     services.unknown_fields);
  submission.traceparent = request.traceparent;
  submission.cancellations = cancellations;
  const auto task = services.engine.submit(submission, wait.count() > 0 ? monoNow() + wait : MonoTime());
  const auto view = services.engine.view(task);
  if (wait.count() > 0 && view.row.end) return answer(encodeResult(view), task->row.correlation_id);
  return accepted(view, wait.count() > 0 ? apiStatus(view) : "QUEUED");
}

}  // namespace

http::Response spawn(const Services& services, const http::Request& request) {
  const auto body = json::parseObject(request.body);
  const auto cancellations = services.engine.cancellations();
  if (!services.windows.isOpen(kWindow)) return denied(services, request, body);
  try {
    return admit(services, request, body, cancellations);
  } catch (...) {
    // Refused or not, the body's correlation id wins over the header's.
    const auto own = correlationIdOf(body);
    if (own.empty()) throw;
    return http::errorResponse(std::current_exception(), request.path, own);
  }
}

}  // namespace vx11::api
