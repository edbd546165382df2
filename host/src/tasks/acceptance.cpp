// From a submission to a committed row, and on to the executor.
#include "base/error.hpp"
#include "base/fault_point.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"
#include "store/idempotency.hpp"
#include "tasks/engine.hpp"
#include "tasks/outcome.hpp"
#include "tasks/plan_codec.hpp"

namespace vx11::tasks {

namespace {

store::SpawnRow acceptedRow(const Submission& submission, const Plan& plan, const std::string& host_id) {
  store::SpawnRow row;
  row.uuid = newUuid();
  row.name = spawnIdOf(row.uuid);
  row.correlation_id = submission.correlation_id.empty() ? row.uuid : submission.correlation_id;
  row.cmd = commandLine(plan);
  row.task_type = submission.task_type;
  row.ttl_seconds = submission.ttl_seconds;
  row.max_retries = submission.max_retries;
  row.retry_on = submission.retry_on;
  row.priority = submission.priority;
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

std::optional<store::IdempotencyRow> idempotencyRow(const Submission& submission,
                                                    const store::SpawnRow& row) {
  if (submission.idempotency_key.empty()) return std::nullopt;
  return store::IdempotencyRow{submission.idempotency_key, submission.request_hash, row.uuid, row.created_at};
}

}  // namespace

TaskPtr Engine::makeTask(const Submission& submission, const Plan& plan) const {
  auto task = std::make_shared<Task>();
  task->row = acceptedRow(submission, plan, host_id_);
  task->queue_deadline = monoNow() + limits_.queue_ttl;
  task->cancellations = submission.cancellations;
  task->secret_env.assign(submission.secret_env.begin(), submission.secret_env.end());
  return task;
}

void Engine::insertAccepted(store::WriteSession& session, const Task& task, const std::string& plan) {
  store::spawns::insert(session, task.row);
  store::spawns::insertPlan(session, task.row.uuid, plan);
  store::evidence::insertRoutingEvent(session, routingEvent(task.row));
}

void Engine::noteAccepted(const Task& task, bool queued) {
  tally_.accepted(task.row.task_type);
  log::info("spawn.accepted", {{"trace_id", task.row.correlation_id},
                               {"spawn_id", task.row.name},
                               {"task_type", task.row.task_type},
                               {"queued", queued ? "yes" : "no"}});
}

bool Engine::reserve(const std::string& task_type) {
  const std::lock_guard lock(mutex_);
  if (draining_) throw Error(ErrorCode::kUnavailable, "the host is stopping; try again in a moment");
  // Not past somebody who could start now.
  if (connected_ && queue_reserved_ == 0 && slots_.hasRoomFor(task_type) && !queue_.next(slots_)) {
    slots_.take(task_type);
    return true;
  }
  if (queue_.size() + queue_reserved_ >= limits_.max_queued) {
    throw Error(ErrorCode::kQueueFull, "the queue is full: " + std::to_string(queue_.size()) +
                                           " tasks wait (tasks.max_queued) and " +
                                           std::to_string(slots_.used()) + " run (tasks.max_running)");
  }
  ++queue_reserved_;
  return false;
}

void Engine::release(bool direct, const std::string& task_type) {
  const std::lock_guard lock(mutex_);
  if (direct)
    slots_.giveBack(task_type);
  else
    --queue_reserved_;
  wake_.notify_one();
}

TaskPtr Engine::submit(const Submission& submission, MonoTime until) {
  const Plan plan = planner_.plan(submission);
  const bool direct = reserve(submission.task_type);
  try {
    for (int tries = 1;; ++tries) {
      const auto task = makeTask(submission, plan);
      task->acceptance_awaited = until <= monoNow();
      if (direct) {
        const std::lock_guard lock(mutex_);
        beginAttempt(*task);
      }
      try {
        commitAcceptance(task, plan, submission);
        waitAccepted(task, until);
        VX11_FAULT_POINT("accept.before_answer");
        return task;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kConflict || tries >= kNameTries) throw;
      }
    }
  } catch (...) {
    release(direct, submission.task_type);
    throw;
  }
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
  request.secret_env = task.secret_env;
  request.plan = std::move(plan);
  return request;
}

void Engine::beginAttempt(Task& task) const {
  task.holds_slot = true;
  task.sent = false;
  task.out_grown = task.err_grown = 0;
  task.phase = Phase::kStarting;
  task.row.attempt += 1;
  task.nonce = newUuid();
  task.executor_instance = instance_;
  task.attempt_boot_id = bootId();
}

// The start is made ready before the commit and sent by the thread that committed: nothing but the commit
// itself lies between the request and the daughter.
void Engine::commitAcceptance(const TaskPtr& task, const Plan& plan, const Submission& submission) {
  const bool direct = task->holds_slot;
  const Launch start = direct ? executor_->prepare(startRequest(*task, plan)) : Launch();
  database_.submit(
      [task, direct, encoded = encodePlan(plan),
       key = idempotencyRow(submission, task->row)](store::WriteSession& session) {
        insertAccepted(session, *task, encoded);
        if (direct) store::attempts::insert(session, attemptRow(*task));
        if (key) store::idempotency::insert(session, *key);
        VX11_FAULT_POINT("accept.before_commit");
      },
      [this, task, start](std::exception_ptr failure) {
        onAcceptanceCommitted(task, start, std::move(failure));
      });
}

// Among the living: to be started at once where it holds a slot, else at the end of the queue.
void Engine::enter(const TaskPtr& task) {
  std::string cancelled_because;
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace(task->row.uuid, task);
    // A cancellation of all that came during the commit did not find it.
    if (task->cancellations != cancellations_) cancelled_because = cancellation_reason_;
    if (task->holds_slot) {
      nonces_.emplace(task->nonce, task);
      task->row.cancel_reason = cancelled_because;
      return;
    }
    --queue_reserved_;
    if (cancelled_because.empty()) {
      queue_.push(task);
      wake_.notify_one();
      return;
    }
  }
  finishCancelled(task, cancelled_because);
}

// On the writer thread.
void Engine::onAcceptanceCommitted(const TaskPtr& task, const Launch& start, std::exception_ptr failure) {
  if (!failure) {
    VX11_FAULT_POINT("accept.after_commit");
    noteAccepted(*task, !start);
    enter(task);
  }
  if (!failure && start) launch(task, start);
  const std::lock_guard lock(mutex_);
  task->accepted = !failure;
  task->refusal = std::move(failure);
  // One who waits for the end has no use for being woken before.
  if (task->acceptance_awaited || task->refusal || draining_) task->changed.notify_all();
}

void Engine::waitAccepted(const TaskPtr& task, MonoTime until) const {
  Lock lock(mutex_);
  task->changed.wait_until(lock, until, [&] {
    return task->refusal || task->phase == Phase::kEnded || (task->accepted && draining_);
  });
  task->acceptance_awaited = true;
  task->changed.wait(lock, [&] { return task->refusal || task->accepted; });
  if (task->refusal) std::rethrow_exception(std::exchange(task->refusal, nullptr));
}

// To the spawner for which the attempt was committed, and over the connection whose reconcile knows of it.
// Without that one, or cancelled meanwhile, it goes back: it certainly did not start.
void Engine::launch(const TaskPtr& task, const Launch& start) {
  VX11_FAULT_POINT("start.before_send");
  std::string nonce;
  bool sent = false;
  {
    // Sent and known to be sent in one step. Otherwise a connection that breaks here, and the next one's
    // reconcile, could take a start that was never sent for one that got lost; and a cancel could overtake
    // the start.
    const std::lock_guard lock(mutex_);
    nonce = task->nonce;
    const bool wanted = connected_ && task->executor_instance == instance_ && task->row.cancel_reason.empty();
    task->sent = wanted && start(connection_);
    sent = task->sent;
    if (sent && task->followers > 0) executor_->follow(nonce, true);
  }
  if (!sent) {
    requeue(task, nonce, std::chrono::milliseconds(0));
    return;
  }
  VX11_FAULT_POINT("start.after_send");
}

}  // namespace vx11::tasks
