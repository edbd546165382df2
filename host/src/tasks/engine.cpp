#include "tasks/engine.hpp"

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"
#include "tasks/outcome.hpp"
#include "tasks/plan_codec.hpp"

namespace vx11::tasks {

namespace {

// Eight hex digits collide once in 65,000 tasks or so; three times in a row means something else is wrong.
constexpr int kNameTries = 8;

store::SpawnRow acceptedRow(const Submission& submission, const Plan& plan, const std::string& host_id) {
  store::SpawnRow row;
  row.cmd = commandLine(plan);
  row.task_type = submission.task_type;
  row.ttl_seconds = submission.ttl_seconds;
  row.user_id = submission.user_id;
  row.label = submission.label;
  row.metadata_json = submission.metadata_json;
  row.traceparent = submission.traceparent;
  row.host_id = host_id;
  row.created_at = wallNow();
  return row;
}

store::RoutingEventRow routingEvent(const store::SpawnRow& row) {
  store::RoutingEventRow event;
  event.timestamp = row.created_at;
  event.trace_id = row.correlation_id;
  event.route_type = "spawn";
  event.provider_id = "spawner";
  event.score = 1.0;
  event.reasoning_short = "Daughter spawn: " + row.name;
  event.spawn_uuid = row.uuid;
  return event;
}

}  // namespace

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
    : database_(database), planner_(planner), limits_(limits), host_id_(std::move(host_id)) {}

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
  for (const auto& [uuid, task] : tasks_) task->ended.notify_all();
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

bool Engine::reserve() {
  const std::lock_guard lock(mutex_);
  if (draining_) throw Error(ErrorCode::kUnavailable, "the host is stopping; try again in a moment");
  if (connected_ && queue_.empty() && queue_reserved_ == 0 && slots_used_ < limits_.max_running) {
    ++slots_used_;
    return true;
  }
  if (queue_.size() + queue_reserved_ >= limits_.max_queued) {
    throw Error(ErrorCode::kQueueFull, "the queue is full: " + std::to_string(queue_.size()) + " tasks wait and " +
                                           std::to_string(slots_used_) + " run");
  }
  ++queue_reserved_;
  return false;
}

void Engine::release(bool direct) {
  const std::lock_guard lock(mutex_);
  --(direct ? slots_used_ : queue_reserved_);
  wake_.notify_one();
}

TaskPtr Engine::submit(const Submission& submission) {
  Plan plan = planner_.plan(submission);
  const auto encoded = encodePlan(plan);
  const auto task = std::make_shared<Task>();
  task->row = acceptedRow(submission, plan, host_id_);
  task->queue_deadline = monoNow() + limits_.queue_ttl;

  const bool direct = reserve();
  if (direct) {
    task->holds_slot = true;
    task->phase = Phase::kStarting;
    task->row.attempt = 1;
    task->nonce = newUuid();
    task->attempt_boot_id = bootId();
    const std::lock_guard lock(mutex_);
    task->executor_instance = instance_;
  }
  for (int tries = 1;; ++tries) {
    auto& row = task->row;
    row.uuid = newUuid();
    row.name = spawnIdOf(row.uuid);
    row.correlation_id = submission.correlation_id.empty() ? row.uuid : submission.correlation_id;
    try {
      database_.commit([&](store::WriteSession& session) {
        store::spawns::insert(session, row);
        store::spawns::insertPlan(session, row.uuid, encoded);
        if (direct) store::attempts::insert(session, attemptRow(*task));
        store::evidence::insertRoutingEvent(session, routingEvent(row));
      });
      break;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kConflict && tries < kNameTries) continue;
      release(direct);
      throw;
    } catch (...) {
      release(direct);
      throw;
    }
  }
  log::info("spawn.accepted", {{"trace_id", task->row.correlation_id},
                               {"spawn_id", task->row.name},
                               {"task_type", task->row.task_type},
                               {"queued", direct ? "no" : "yes"}});
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace(task->row.uuid, task);
    if (direct) {
      nonces_.emplace(task->nonce, task);
    } else {
      --queue_reserved_;
      queue_.push_back(task);
      wake_.notify_one();
      return task;
    }
  }
  launch(task, std::move(plan));
  return task;
}

spawner_client::StartRequest Engine::startRequest(const Task& task, Plan plan) const {
  spawner_client::StartRequest request;
  request.nonce = task.nonce;
  request.spawn_uuid = task.row.uuid;
  request.spawn_id = task.row.name;
  request.correlation_id = task.row.correlation_id;
  request.task_type = task.row.task_type;
  request.traceparent = task.row.traceparent;
  request.ttl = std::chrono::seconds(task.row.ttl_seconds);
  request.kill_grace = limits_.kill_grace;
  request.inline_output_bytes = limits_.inline_output_bytes;
  request.plan = std::move(plan);
  return request;
}

View Engine::viewLocked(const Task& task) const {
  View view;
  view.row = task.row;
  view.running = task.phase == Phase::kRunning || (task.phase == Phase::kEnding && task.started_at);
  if (view.running) {
    view.row.status = store::spawn_status::kRunning;
    view.row.pid = task.pid;
    view.row.started_at = task.started_at;
  }
  if (task.phase == Phase::kQueued) {
    if (!connected_) {
      view.queue_reason = "the spawner cannot be reached: " + (executor_ ? executor_->unavailableReason() : "starting");
    } else if (task.not_before > monoNow()) {
      view.queue_reason = "the spawner is out of resources for the moment; it is tried again";
    } else {
      view.queue_reason = std::to_string(slots_used_) + " tasks run (tasks.max_running = " +
                          std::to_string(limits_.max_running) + ") and " + std::to_string(queue_.size()) + " wait";
    }
  }
  return view;
}

View Engine::view(const TaskPtr& task) const {
  const std::lock_guard lock(mutex_);
  return viewLocked(*task);
}

bool Engine::waitEnded(const TaskPtr& task, MonoTime deadline) const {
  Lock lock(mutex_);
  task->ended.wait_until(lock, deadline, [&] { return task->phase == Phase::kEnded || draining_; });
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
    auto again = database_.read([&](store::ReadSession& session) { return store::spawns::byUuid(session, row.uuid); });
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
  auto rows = database_.read(
      [&](store::ReadSession& session) { return store::spawns::byCorrelationId(session, correlation_id, limit); });
  std::vector<View> views;
  for (auto& row : rows) views.push_back(viewOfRow(std::move(row)));
  return views;
}

void Engine::cancelAll(const std::string& reason) {
  std::deque<TaskPtr> waiting;
  std::vector<TaskPtr> running;
  Executor* executor = nullptr;
  {
    const std::lock_guard lock(mutex_);
    executor = executor_;
    waiting.swap(queue_);  // out of the dispatcher's reach
    for (const auto& [uuid, task] : tasks_) {
      if (task->phase != Phase::kStarting && task->phase != Phase::kRunning) continue;
      task->cancel_reason = reason;
      running.push_back(task);
    }
  }
  for (const auto& task : waiting) {
    finish(task,
           endWithout(std::string(store::spawn_status::kCancelled), "cancelled", reason, std::nullopt, wallNow()), {});
  }
  // Without a connection the reason waits in the task, and reconcile kills.
  for (const auto& task : running) {
    if (executor != nullptr) executor->kill(task->nonce, reason);
  }
}

// Tells the executor to start a committed attempt. Without a connection the task goes back to the queue.
void Engine::launch(const TaskPtr& task, Plan plan) {
  if (!executor_->start(startRequest(*task, std::move(plan)))) {
    requeue(task, std::chrono::milliseconds(0));
    return;
  }
  // A cancel that came while the attempt was being committed met a nonce that the spawner did not know yet.
  std::string cancel_reason;
  {
    const std::lock_guard lock(mutex_);
    cancel_reason = task->cancel_reason;
  }
  if (!cancel_reason.empty()) executor_->kill(task->nonce, cancel_reason);
}

Engine::Load Engine::load() const {
  const std::lock_guard lock(mutex_);
  Load load;
  load.running = slots_used_;
  load.queued = queue_.size();
  load.connected = connected_;
  if (!connected_ && executor_ != nullptr) load.spawner_reason = executor_->unavailableReason();
  load.isolation = isolation_;
  load.tree_kill = tree_kill_;
  load.spawner_pid = spawner_pid_;
  return load;
}

}  // namespace vx11::tasks
