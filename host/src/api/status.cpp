#include "api/status.hpp"

#include <algorithm>

#include "api/encode.hpp"
#include "policy/windows.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

http::Response health(const Services& services, const http::Request&) {
  auto body = json::newObject();
  body->set("status", "ok");
  body->set("module", "tentaculo_link");  // the front door's old name, which VX11's clients compare
  body->set("version", services.version);
  return answer(body);
}

http::Response status(const Services& services, const http::Request&) {
  const auto windows = services.windows.all();
  const auto open =
      std::count_if(windows.begin(), windows.end(), [](const auto& window) { return window.is_open; });
  const auto load = services.engine.load();

  auto body = json::newObject();
  body->set("mode", open == 0 ? "solo_madre" : open < static_cast<int>(windows.size()) ? "windowed" : "full");
  body->set("policy", "SOLO_MADRE");
  body->set("madre_available", true);
  body->set("switch_available", false);  // nothing here routes yet
  body->set("spawner_available", load.connected);
  body->set("hermes_available", false);
  body->set("version", services.version);
  body->set("isolation", textOrNull(load.isolation));
  body->set("tree_kill", textOrNull(load.tree_kill));
  // Whether ending a tree is one step that no fork(2) outruns, or a search that may have to be repeated.
  body->set("tree_kill_strength", textOrNull(load.tree_kill.empty()      ? ""
                                             : load.tree_kill == "sweep" ? "best-effort"
                                                                         : "atomic"));
  body->set("spawner_reason", textOrNull(load.spawner_reason));
  body->set("spawner_pid", load.connected ? Poco::Dynamic::Var(load.spawner_pid) : Poco::Dynamic::Var());
  body->set("tasks_running", static_cast<Poco::UInt64>(load.running));
  body->set("tasks_queued", static_cast<Poco::UInt64>(load.queued));
  auto standing = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  auto open_windows = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  for (const auto& window : windows) {
    if (window.is_open) open_windows->add(window.target);
    if (window.standing) standing->add(window.target);
  }
  body->set("open_windows", open_windows);
  body->set("standing_windows", standing);
  body->set("timestamp", isoTime(wallNow()));
  return answer(body);
}

}  // namespace vx11::api
