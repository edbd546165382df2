#include "api/agents.hpp"

#include <limits>

#include "api/encode.hpp"
#include "policy/windows.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

// The contract's name for living daughters.
http::Response agents(const Services& services, const http::Request&) {
  store::spawns::Page all;
  all.limit = std::numeric_limits<int>::max();
  auto list = Poco::JSON::Array::Ptr(new Poco::JSON::Array);
  for (const auto& view : services.engine.list(tasks::StatusFilter::kRunning, all)) {
    auto agent = json::newObject();
    agent->set("agent_id", view.row.uuid);
    agent->set("spawn_id", view.row.name);
    agent->set("status", "RUNNING");
    agent->set("task_type", view.row.task_type);
    agent->set("created_at", isoTime(view.row.created_at));
    agent->set("updated_at", isoTime(view.row.started_at.value_or(view.row.created_at)));
    agent->set("pid", numberOrNull(view.row.pid));
    list->add(agent);
  }
  auto body = json::newObject();
  body->set("agents", list);
  body->set("total", static_cast<Poco::UInt64>(list->size()));
  body->set("window_open", services.windows.isOpen("spawner"));
  body->set("spawner_available", services.engine.load().connected);
  body->set("timestamp", isoTime(wallNow()));
  return answer(body);
}

}  // namespace vx11::api
