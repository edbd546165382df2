#include "api/cancel.hpp"

#include "api/encode.hpp"
#include "api/find_spawn.hpp"
#include "api/result.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

namespace {

constexpr size_t kMaxReasonBytes = 256;
// Who asks for an end wants to hear of it. Most trees are gone after some milliseconds, and those that ignore
// SIGTERM after tasks.kill_grace_seconds.
constexpr std::chrono::seconds kUsualWait{5};

std::string reasonOf(const Services& services, const http::Request& request) {
  json::Fields fields(json::parseObject(request.body));
  const auto given = fields.string("reason", {0, kMaxReasonBytes}).value_or("");
  fields.finish(services.unknown_fields);
  return given.empty() ? "cancelled by a request" : "cancelled by a request: " + given;
}

[[noreturn]] void refuseEnded(const tasks::View& view) {
  throw Error(ErrorCode::kConflict, view.row.name + " has already ended as " + view.row.end->outcome,
              "GET /vx11/result/" + view.row.name + " has its result");
}

}  // namespace

http::Response cancel(const Services& services, const http::Request& request) {
  const auto wait = request.query.contains("wait") ? waitOf(request) : kUsualWait;
  const auto reason = reasonOf(services, request);
  const auto view = findSpawn(services, request.path_ids.at("id"));
  if (view.row.end) refuseEnded(view);
  if (!view.task) {
    throw Error(ErrorCode::kConflict,
                view.row.name + " is not in the hands of this host; if it was accepted just now, try again");
  }
  const bool asked = services.engine.cancel(view.task, reason);
  // Also with no time to wait: what waited has ended by now.
  const auto now = wait.count() > 0 ? awaitEnd(services, view, wait) : services.engine.view(view.task);
  if (!asked && now.row.end) refuseEnded(now);
  return answer(encodeResult(now), now.row.correlation_id);
}

}  // namespace vx11::api
