// What the spawner reports, and the one way in which a task ends.
#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"
#include "tasks/engine.hpp"
#include "tasks/outcome.hpp"
#include "tasks/retry_policy.hpp"

namespace vx11::tasks {

namespace {

constexpr std::chrono::milliseconds kRefusedRetry{100};

void logUnsaved(const Task& task, std::exception_ptr failure) {
  std::string reason = "unknown";
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& error) {
    reason = error.what();
  }
  log::error("spawn.end_not_committed", {{"trace_id", task.row.correlation_id},
                                         {"spawn_id", task.row.name},
                                         {"task_type", task.row.task_type},
                                         {"reason", reason}});
}

}  // namespace

void Engine::freeSlot(Task& task) {
  if (std::exchange(task.holds_slot, false)) slots_.giveBack(task.row.task_type);
}

TaskPtr Engine::byNonce(const std::string& nonce) const {
  const std::lock_guard lock(mutex_);
  const auto found = nonces_.find(nonce);
  return found == nonces_.end() ? nullptr : found->second;
}

void Engine::onStarted(const spawner_client::Started& started) {
  adoptRunning(started);
}

void Engine::onRefused(const spawner_client::Refused& refused) {
  const auto task = byNonce(refused.nonce);
  if (!task) return;
  log::warning("spawn.refused", {{"trace_id", task->row.correlation_id},
                                 {"spawn_id", task->row.name},
                                 {"task_type", task->row.task_type},
                                 {"transient", refused.transient ? "yes" : "no"},
                                 {"reason", refused.reason}});
  if (refused.transient) {
    requeue(task, refused.nonce, kRefusedRetry);
    return;
  }
  finish(task,
         endWithout(std::string(store::spawn_status::kFailed), "spawn_error", refused.reason, std::nullopt,
                    wallNow()),
         refused.nonce);
}

void Engine::onFinished(spawner_client::Finished finished) {
  if (const auto task = byNonce(finished.nonce)) {
    if (finished.pid != 0) noteStarted(*task, finished.pid);
    finish(task, endOf(finished), finished.nonce);
  } else {
    // Committed before, and only the acknowledgement was lost.
    executor_->acknowledge(finished.nonce);
  }
}

// The terminal commit: row, attempt and usage in one. `nonce` is empty where there was no attempt.
void Engine::finish(const TaskPtr& task, store::SpawnEnd end, std::string nonce) {
  {
    const std::lock_guard lock(mutex_);
    if (task->phase == Phase::kEnding || task->phase == Phase::kEnded) return;
    task->phase = Phase::kEnding;
    task->ending = true;
    task->retrying = !nonce.empty() && isRetried(task->row, end.outcome);
    if (end.started_at) task->started_at = end.started_at;
  }
  commitEnd(task, std::make_shared<const store::SpawnEnd>(std::move(end)), nonce);
}

void Engine::commitEnd(const TaskPtr& task, const std::shared_ptr<const store::SpawnEnd>& end,
                       const std::string& nonce) {
  database_.submit(
      [this, task, shared = end, nonce, retried = task->retrying](store::WriteSession& session) {
        if (retried) return writeAttemptEnd(session, *task, *shared, nonce);
        if (!store::spawns::finish(session, task->row.uuid, *shared)) return;
        if (nonce.empty()) return;
        store::attempts::end(session, task->row.uuid, nonce, shared->outcome, shared->reason,
                             shared->started_at, shared->ended_at);
        store::evidence::insertUsage(session, usageOf(task->row, *shared));
        VX11_FAULT_POINT("end.before_commit");
      },
      [this, task, end, nonce](std::exception_ptr failure) { onEndCommitted(task, end, nonce, failure); });
}

// On the writer thread.
void Engine::onEndCommitted(const TaskPtr& task, const std::shared_ptr<const store::SpawnEnd>& end,
                            const std::string& nonce, std::exception_ptr failure) {
  if (failure) {
    // Not acknowledged, so the spawner keeps its record too. The dispatcher tries again until there is room;
    // the task is ending all that time, so that nothing else happens to it.
    const std::lock_guard lock(mutex_);
    // One line a round, not one a task.
    if (unsaved_.empty()) logUnsaved(*task, failure);
    unsaved_.push_back({task, end, nonce});
    unsaved_due_ = monoNow() + kStorageRetry;
    wake_.notify_one();
    return;
  }
  VX11_FAULT_POINT("end.after_commit");
  tally_.attemptEnded(task->row.task_type, end->outcome, end->started_at.has_value() && !nonce.empty(),
                      std::chrono::milliseconds(end->duration_ms));
  if (task->retrying) return onAttemptEnded(task, *end, nonce);
  {
    const std::lock_guard lock(mutex_);
    task->row.end = *end;
    task->row.status = end->status;
    task->row.started_at = end->started_at;
    task->phase = Phase::kEnded;
    freeSlot(*task);
    tasks_.erase(task->row.uuid);
    if (!nonce.empty()) nonces_.erase(nonce);
    task->changed.notify_all();
    if (!queue_.empty()) wake_.notify_one();
  }
  VX11_FAULT_POINT("end.before_acknowledge");
  if (!nonce.empty()) executor_->acknowledge(nonce);
  VX11_FAULT_POINT("end.after_acknowledge");
  log::info("spawn.finished", {{"trace_id", task->row.correlation_id},
                               {"spawn_id", task->row.name},
                               {"task_type", task->row.task_type},
                               {"outcome", end->outcome},
                               {"duration_ms", end->duration_ms}});
}

}  // namespace vx11::tasks
