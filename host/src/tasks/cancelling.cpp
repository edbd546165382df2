// Ends that somebody asks for, of one task or of all.
#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "tasks/outcome.hpp"

namespace vx11::tasks {

void Engine::finishCancelled(const TaskPtr& task, const std::string& reason) {
  finish(task, endWaiting(task->row, store::spawn_status::kCancelled, "cancelled", reason), {});
}

bool Engine::cancel(const TaskPtr& task, const std::string& wanted_because) {
  bool waits = false;
  std::string nonce;
  std::string reason;
  Executor* executor = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (task->ending && !task->retrying) return false;
    executor = executor_;
    nonce = task->nonce;
    if (task->row.cancel_reason.empty()) task->row.cancel_reason = wanted_because;
    reason = task->row.cancel_reason;
    waits = queue_.remove(task) || forgetRetry(task);  // out of the dispatcher's reach
  }
  log::info("spawn.cancel", {{"trace_id", task->row.correlation_id},
                             {"spawn_id", task->row.name},
                             {"task_type", task->row.task_type},
                             {"reason", reason}});
  if (waits) {
    finishCancelled(task, reason);
  } else if (executor != nullptr && !nonce.empty()) {
    // Without a connection, or before its start was sent, the reason waits in the task.
    executor->kill(nonce, reason);
  }
  // In one group with the end above, or behind it.
  database_.commit([&](store::WriteSession& session) {
    store::spawns::requestCancel(session, task->row.uuid, reason);
    VX11_FAULT_POINT("cancel.before_commit");
  });
  VX11_FAULT_POINT("cancel.after_commit");
  return true;
}

void Engine::cancelAll(const std::string& reason) {
  std::vector<TaskPtr> waiting;
  std::vector<std::string> running;  // by nonce
  Executor* executor = nullptr;
  {
    const std::lock_guard lock(mutex_);
    ++cancellations_;
    cancellation_reason_ = reason;
    executor = executor_;
    waiting = queue_.takeAll();  // out of the dispatcher's reach
    for (const auto& [due, task] : std::exchange(retries_, {})) waiting.push_back(task);
    for (const auto& [uuid, task] : tasks_) {
      if (task->phase != Phase::kStarting && task->phase != Phase::kRunning && !task->retrying) continue;
      if (task->row.cancel_reason.empty()) task->row.cancel_reason = reason;
      running.push_back(task->nonce);
    }
  }
  for (const auto& task : waiting) finishCancelled(task, reason);
  // Without a connection the reason waits in the task, and reconcile kills.
  for (const auto& nonce : running) {
    if (executor != nullptr) executor->kill(nonce, reason);
  }
}

uint64_t Engine::cancellations() const {
  const std::lock_guard lock(mutex_);
  return cancellations_;
}

}  // namespace vx11::tasks
