// Between two attempts: the task is told as QUEUED, has its plan and holds no slot.
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"
#include "tasks/engine.hpp"
#include "tasks/outcome.hpp"
#include "tasks/retry_policy.hpp"

namespace vx11::tasks {

// The end of one attempt that is followed by another, in one commit.
void Engine::writeAttemptEnd(store::WriteSession& session, const Task& task, const store::SpawnEnd& end,
                             const std::string& nonce) const {
  store::attempts::end(session, task.row.uuid, nonce, end.outcome, end.reason, end.started_at, end.ended_at);
  store::evidence::insertUsage(session, usageOf(task.row, end));
  store::spawns::markPending(session, task.row.uuid, end.started_at);
}

// With mutex_ held.
void Engine::waitForRetry(const TaskPtr& task, const std::string& outcome, MonoTime due) {
  task->phase = Phase::kQueued;
  task->ended_as = outcome;
  task->not_before = due;
  task->queue_deadline = due + limits_.queue_ttl;
  retries_.emplace(due, task);
  wake_.notify_one();
}

// On the writer thread.
void Engine::onAttemptEnded(const TaskPtr& task, const store::SpawnEnd& end, const std::string& nonce) {
  // The next one may begin as soon as the lock is free.
  const auto attempt = task->row.attempt;
  const auto delay = retryDelay(limits_.retry_delay, attempt);
  std::string cancel_reason;
  {
    const std::lock_guard lock(mutex_);
    nonces_.erase(nonce);
    freeSlot(*task);
    task->nonce.clear();
    task->pid.reset();
    task->row.started_at = task->started_at ? task->started_at : task->row.started_at;
    task->started_at.reset();
    task->ending = false;
    task->retrying = false;
    cancel_reason = task->row.cancel_reason;
    if (cancel_reason.empty())
      waitForRetry(task, end.outcome, monoNow() + delay);
    else
      task->phase = Phase::kQueued;
  }
  executor_->acknowledge(nonce);
  log::info("spawn.attempt_ended", {{"trace_id", task->row.correlation_id},
                                    {"spawn_id", task->row.name},
                                    {"task_type", task->row.task_type},
                                    {"attempt", attempt},
                                    {"outcome", end.outcome},
                                    {"retry_in_ms", delay.count()}});
  if (!cancel_reason.empty()) finishCancelled(task, cancel_reason);
}

bool Engine::forgetRetry(const TaskPtr& task) {
  const auto [begin, end] = retries_.equal_range(task->not_before);
  for (auto it = begin; it != end; ++it) {
    if (it->second != task) continue;
    retries_.erase(it);
    return true;
  }
  return false;
}

void Engine::queueDueRetries() {
  const auto now = monoNow();
  while (!retries_.empty() && retries_.begin()->first <= now) {
    queue_.push(retries_.begin()->second);
    retries_.erase(retries_.begin());
  }
}

std::string Engine::retryReason(const Task& task) const {
  const auto left = std::chrono::ceil<std::chrono::seconds>(task.not_before - monoNow());
  return "attempt " + std::to_string(task.row.attempt) + " ended as " + task.ended_as + "; number " +
         std::to_string(task.row.attempt + 1) + " of at most " + std::to_string(task.row.max_retries + 1) +
         " begins in " + std::to_string(std::max<int64_t>(left.count(), 0)) + " s";
}

}  // namespace vx11::tasks
