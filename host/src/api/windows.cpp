#include "api/windows.hpp"

#include "api/encode.hpp"
#include "policy/windows.hpp"

namespace vx11::api {

namespace {

constexpr size_t kMaxReasonBytes = 1024;

struct WindowRequest {
  std::string target;
  std::string reason;
  int64_t ttl_seconds = policy::kDefaultWindowSeconds;
  std::string correlation_id;
};

WindowRequest decode(const Services& services, const http::Request& request, bool with_ttl) {
  json::Fields fields(json::parseObject(request.body));
  WindowRequest window;
  window.correlation_id = request.correlation_id;
  if (const auto target = fields.string("target")) {
    window.target = *target;
  } else if (!fields.has("target")) {
    fields.fail("target", "is missing: one of switch, spawner, hermes");
  }
  if (with_ttl) {
    const auto ttl = fields.integer("ttl_seconds", policy::kMinWindowSeconds, policy::kMaxWindowSeconds);
    window.ttl_seconds = ttl.value_or(policy::kDefaultWindowSeconds);
  }
  window.reason = fields.string("reason", {0, kMaxReasonBytes}).value_or("");
  fields.finish(services.unknown_fields);
  return window;
}

void setTimes(json::Object& body, const policy::WindowState& state) {
  body.set("ttl_remaining_seconds",
           state.opened_at ? Poco::Dynamic::Var(static_cast<Poco::Int64>(state.ttl_remaining_seconds))
                           : Poco::Dynamic::Var());
  body.set("opened_at", timeOrNull(state.opened_at));
  body.set("expires_at", timeOrNull(state.expires_at));
}

}  // namespace

http::Response openWindow(const Services& services, const http::Request& request) {
  const auto wanted = decode(services, request, true);
  const auto state =
      services.windows.open(wanted.target, wanted.ttl_seconds, wanted.reason, wanted.correlation_id);
  auto body = json::newObject();
  body->set("target", state.target);
  body->set("is_open", state.is_open);
  setTimes(*body, state);
  body->set("window_id", state.window_id);
  return answer(body);
}

http::Response closeWindow(const Services& services, const http::Request& request) {
  const auto wanted = decode(services, request, false);
  const bool was_open = services.windows.close(wanted.target, wanted.reason, wanted.correlation_id);
  const auto state = services.windows.state(wanted.target);
  auto body = json::newObject();
  body->set("target", wanted.target);
  body->set("closed", !state.is_open);  // a standing window stays open
  body->set("was_open", was_open);
  body->set("reason", textOrNull(wanted.reason));
  if (state.is_open)
    body->set("hint", "policy.standing_windows keeps it open; only the configuration ends that");
  return answer(body);
}

http::Response windowStatus(const Services& services, const http::Request& request) {
  const auto state = services.windows.state(request.path_ids.at("target"));
  auto body = json::newObject();
  body->set("target", state.target);
  body->set("is_open", state.is_open);
  setTimes(*body, state);
  if (state.standing) body->set("standing", true);
  return answer(body);
}

std::string openHint(const Services& services, const std::string& target) {
  return "curl -H \"X-VX11-Token: $TOKEN\" -H 'Content-Type: application/json' -d '{\"target\":\"" + target +
         "\",\"ttl_seconds\":300}' " + services.address + "/vx11/window/open";
}

}  // namespace vx11::api
