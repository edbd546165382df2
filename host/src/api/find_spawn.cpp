#include "api/find_spawn.hpp"

#include "base/error.hpp"
#include "base/id.hpp"

namespace vx11::api {

namespace {

constexpr int kMaxMatches = 100;

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

tasks::View findSpawn(const Services& services, const std::string& id) {
  if (!isCorrelationId(id)) refuseBadId();
  if (auto view = services.engine.find(id)) return std::move(*view);
  auto views = services.engine.findByCorrelation(id, kMaxMatches);
  if (views.empty()) refuseUnknown(id);
  if (views.size() > 1) refuseAmbiguous(views, id);
  return std::move(views.front());
}

tasks::View awaitEnd(const Services& services, tasks::View view, std::chrono::seconds wait) {
  if (!view.task || wait.count() == 0) return view;
  services.engine.waitEnded(view.task, monoNow() + wait);
  return services.engine.view(view.task);
}

}  // namespace vx11::api
