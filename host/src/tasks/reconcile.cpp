// One way to agree with the spawner about what runs, used at every start and after every lost connection.
//
// Started work is never silently run twice: only an attempt that certainly did not start goes back to the
// queue.
#include <unordered_set>

#include "base/error.hpp"
#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "tasks/outcome.hpp"
#include "tasks/retry_policy.hpp"

namespace vx11::tasks {

void Engine::recover() {
  struct Found {
    store::SpawnRow row;
    std::optional<store::AttemptRow> attempt;
  };
  const auto found = database_.read([&](store::ReadSession& session) {
    std::vector<Found> all;
    for (auto& row : store::spawns::unfinished(session, host_id_)) {
      auto attempt = store::attempts::latest(session, row.uuid);
      all.push_back({std::move(row), std::move(attempt)});
    }
    return all;
  });
  std::vector<TaskPtr> cancelled;  // while they waited
  Lock lock(mutex_);
  const auto wall = wallNow();
  for (const auto& [row, attempt] : found) {
    const auto task = std::make_shared<Task>();
    task->row = row;
    const auto waited = std::max(std::chrono::microseconds(0), wall - row.created_at);
    task->queue_deadline = monoNow() + std::max(std::chrono::microseconds(0), limits_.queue_ttl - waited);
    tasks_.emplace(row.uuid, task);
    if (!attempt) {
      if (row.cancel_reason.empty())
        queue_.push(task);
      else
        cancelled.push_back(task);
      continue;
    }
    task->row.attempt = attempt->attempt;
    if (attempt->ended_at) {
      const auto due = retryDelay(limits_.retry_delay, attempt->attempt) - (wall - *attempt->ended_at);
      if (row.cancel_reason.empty())
        waitForRetry(task, attempt->outcome, monoNow() + due);
      else
        cancelled.push_back(task);
      continue;
    }
    task->nonce = attempt->nonce;
    task->executor_instance = attempt->executor_instance;
    task->attempt_boot_id = attempt->boot_id;
    task->started_at = attempt->started_at;
    task->pid = attempt->pid;
    task->sent = true;  // for all we know
    task->phase = attempt->started_at ? Phase::kRunning : Phase::kStarting;
    task->holds_slot = true;
    slots_.take(row.task_type);
    nonces_.emplace(task->nonce, task);
  }
  if (!found.empty()) {
    log::info("host.recovering", {{"waiting", queue_.size() + retries_.size()}, {"started", slots_.used()}});
  }
  lock.unlock();
  for (const auto& task : cancelled) finishCancelled(task, task->row.cancel_reason);
}

void Engine::onConnected(const spawner_client::Welcome& welcome) {
  VX11_FAULT_POINT("reconcile.before");
  std::unordered_set<std::string> known;
  std::vector<std::pair<TaskPtr, std::string>> unknown;
  for (const auto& started : welcome.running) known.insert(started.nonce);
  for (const auto& finished : welcome.finished) known.insert(finished.nonce);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [nonce, task] : nonces_) {
      // What was not sent yet is left to who is about to: it will find another connection.
      if (!known.contains(nonce) && !task->ending && task->sent) unknown.emplace_back(task, nonce);
    }
  }
  for (const auto& started : welcome.running) adoptRunning(started);
  for (const auto& finished : welcome.finished) onFinished(finished);
  VX11_FAULT_POINT("reconcile.adopted");
  for (const auto& [task, nonce] : unknown) settleUnknown(task, nonce, welcome.instance);
  VX11_FAULT_POINT("reconcile.after");

  const std::lock_guard lock(mutex_);
  connected_ = true;
  connection_ = welcome.connection;
  instance_ = welcome.instance;
  isolation_ = welcome.isolation;
  tree_kill_ = welcome.tree_kill;
  spawner_pid_ = welcome.pid;
  wake_.notify_one();
}

// The client has written it into the log.
void Engine::onDisconnected(const std::string&) {
  const std::lock_guard lock(mutex_);
  connected_ = false;
}

void Engine::adoptRunning(const spawner_client::Started& started) {
  const auto task = byNonce(started.nonce);
  if (!task) {
    // Not in our database: it was replaced or restored. Nobody could ever ask for the result.
    log::warning("spawn.unknown_daughter", {{"nonce", started.nonce}, {"pid", started.pid}});
    executor_->kill(started.nonce, "the host does not know this task");
    return;
  }
  noteStarted(*task, started.pid);
  std::string cancel_reason;
  {
    const std::lock_guard lock(mutex_);
    if (task->ending) return;
    task->phase = Phase::kRunning;
    task->pid = started.pid;
    task->started_at = started.started_at;
    cancel_reason = task->row.cancel_reason;
    // Of an earlier connection it knows nothing.
    if (task->followers > 0) executor_->follow(started.nonce, true);
  }
  if (!cancel_reason.empty()) executor_->kill(started.nonce, cancel_reason);
  // Lazy: the row that says "running" waits for company, and where the end comes first it is not written at
  // all.
  database_.submit(
      [task, started](store::WriteSession& session) {
        if (task->ending) return;
        store::spawns::markRunning(session, task->row.uuid, task->row.attempt, started.pid,
                                   started.started_at);
        store::attempts::markRunning(session, task->row.uuid, started.nonce, started.pid, started.uid,
                                     started.started_at);
        VX11_FAULT_POINT("running.before_commit");
      },
      [task](std::exception_ptr failure) {
        VX11_FAULT_POINT("running.after_commit");
        if (failure) log::error("spawn.start_not_recorded", {{"spawn_id", task->row.name}});
      },
      store::Urgency::kLazy);
}

// One line for each start, whether it is heard of by itself or with its end.
void Engine::noteStarted(const Task& task, int pid) const {
  {
    const std::lock_guard lock(mutex_);
    if (task.phase != Phase::kStarting) return;
  }
  log::info("spawn.started", {{"trace_id", task.row.correlation_id},
                              {"spawn_id", task.row.name},
                              {"task_type", task.row.task_type},
                              {"pid", pid}});
}

// The spawner neither runs it nor has its end.
void Engine::settleUnknown(const TaskPtr& task, const std::string& nonce, const std::string& instance) {
  bool same_spawner = false;
  bool same_boot = false;
  std::optional<WallTime> started_at;
  {
    const std::lock_guard lock(mutex_);
    if (task->nonce != nonce) return;
    same_spawner = task->executor_instance == instance;
    same_boot = task->attempt_boot_id == bootId();
    started_at = task->started_at;
  }
  if (same_spawner) {
    // The same spawner process has every daughter that it started and every end that was not acknowledged, so
    // this one never arrived.
    requeue(task, nonce, std::chrono::milliseconds(0));
    return;
  }
  const auto* const reason = same_boot ? "the spawner that ran it was killed, and how it ended is not known"
                                       : "the machine was restarted while it ran";
  auto end = endWithout(std::string(store::spawn_status::kInterrupted), "interrupted", reason, started_at,
                        wallNow());
  addLeftOutput(end, executor_->leftOutput(nonce, limits_.inline_output_bytes));
  finish(task, std::move(end), nonce);
}

}  // namespace vx11::tasks
