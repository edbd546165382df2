#include "tasks/engine.hpp"

#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "tasks/outcome.hpp"

namespace vx11::tasks {

// Declared in task.hpp.
store::AttemptRow attemptRow(const Task& task) {
  store::AttemptRow attempt;
  attempt.spawn_uuid = task.row.uuid;
  attempt.attempt = task.row.attempt;
  attempt.nonce = task.nonce;
  attempt.host_id = task.row.host_id;
  attempt.executor = "local";
  attempt.executor_instance = task.executor_instance;
  attempt.boot_id = task.attempt_boot_id;
  attempt.status = "starting";
  attempt.created_at = wallNow();
  return attempt;
}

Engine::Engine(store::Database& database, const Planner& planner, Limits limits, std::string host_id)
    : database_(database),
      planner_(planner),
      limits_(limits),
      host_id_(std::move(host_id)),
      slots_(limits.max_running, limits.max_running_of) {}

Engine::~Engine() {
  stop();
  database_.flush();  // what is queued there calls back into this
}

void Engine::start(Executor& executor) {
  const std::lock_guard lock(mutex_);
  executor_ = &executor;
  dispatcher_ = std::thread([this] { dispatchLoop(); });
}

void Engine::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (const auto& [uuid, task] : tasks_) task->changed.notify_all();
}

void Engine::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    for (const auto& [uuid, task] : tasks_) {
      if (!task->holds_slot) continue;
      log::info("task.left_running", {{"trace_id", task->row.correlation_id},
                                      {"spawn_id", task->row.name},
                                      {"task_type", task->row.task_type}});
    }
  }
  wake_.notify_all();
  if (dispatcher_.joinable()) dispatcher_.join();
}

// Declared in task.hpp.
bool hasProcess(const Task& task) {
  return task.phase == Phase::kRunning || (task.phase == Phase::kEnding && task.started_at);
}

std::string Engine::crowded(const std::string& type) const {
  const bool by_type = slots_.hasRoom() && !slots_.hasRoomFor(type);
  const auto ran = by_type ? std::to_string(slots_.usedBy(type)) + " " + type : std::to_string(slots_.used());
  const auto limit = by_type ? "." + type + " = " + std::to_string(slots_.limitOf(type))
                             : " = " + std::to_string(slots_.limit());
  return ran + " tasks run (tasks.max_running" + limit + ") and " + std::to_string(queue_.size()) + " wait";
}

View Engine::viewLocked(const TaskPtr& shared) const {
  const Task& task = *shared;
  View view;
  view.task = shared;
  view.row = task.row;
  view.running = hasProcess(task);
  if (view.running) {
    view.row.status = store::spawn_status::kRunning;
    view.row.pid = task.pid;
    view.row.started_at = task.started_at;
  }
  if (task.phase == Phase::kQueued) {
    if (!connected_) {
      view.queue_reason =
          "the spawner cannot be reached: " + (executor_ ? executor_->unavailableReason() : "starting");
    } else if (task.not_before > monoNow() && !task.ended_as.empty()) {
      view.queue_reason = retryReason(task);
    } else if (task.not_before > monoNow()) {
      view.queue_reason = "the spawner is out of resources for the moment; it is tried again";
    } else {
      view.queue_reason = crowded(task.row.task_type);
    }
  }
  return view;
}

View Engine::view(const TaskPtr& task) const {
  const std::lock_guard lock(mutex_);
  return viewLocked(task);
}

bool Engine::waitEnded(const TaskPtr& task, MonoTime deadline) const {
  Lock lock(mutex_);
  task->changed.wait_until(lock, deadline, [&] { return task->phase == Phase::kEnded || draining_; });
  return task->phase == Phase::kEnded;
}

TaskPtr Engine::living(const std::string& uuid) const {
  const std::lock_guard lock(mutex_);
  const auto found = tasks_.find(uuid);
  return found == tasks_.end() ? nullptr : found->second;
}

// The database may be a moment behind the living task, never the other way round once the task has ended.
View Engine::viewOfRow(store::SpawnRow row) const {
  if (const auto task = living(row.uuid)) return view(task);
  if (!row.end) {
    // Between its commit and its entry among the living, or between its end's commit and our looking.
    database_.flush();
    if (const auto task = living(row.uuid)) return view(task);
    auto again =
        database_.read([&](store::ReadSession& session) { return store::spawns::byUuid(session, row.uuid); });
    if (again) row = std::move(*again);
  }
  View view;
  view.running = row.status == store::spawn_status::kRunning;
  view.row = std::move(row);
  return view;
}

std::optional<View> Engine::find(const std::string& id) const {
  if (const auto task = living(id)) return view(task);
  auto row = database_.read([&](store::ReadSession& session) {
    auto by_name = store::spawns::byName(session, id);
    return by_name ? std::move(by_name) : store::spawns::byUuid(session, id);
  });
  if (!row) return std::nullopt;
  return viewOfRow(std::move(*row));
}

std::vector<View> Engine::findByCorrelation(const std::string& correlation_id, int limit) const {
  auto rows = database_.read([&](store::ReadSession& session) {
    return store::spawns::byCorrelationId(session, correlation_id, limit);
  });
  std::vector<View> views;
  for (auto& row : rows) views.push_back(viewOfRow(std::move(row)));
  return views;
}

Engine::Load Engine::load() const {
  const std::lock_guard lock(mutex_);
  Load load;
  load.running = slots_.used();
  load.queued = queue_.size() + retries_.size();
  load.connected = connected_;
  if (!connected_ && executor_ != nullptr) load.spawner_reason = executor_->unavailableReason();
  load.isolation = isolation_;
  load.tree_kill = tree_kill_;
  load.spawner_pid = spawner_pid_;
  return load;
}

}  // namespace vx11::tasks
