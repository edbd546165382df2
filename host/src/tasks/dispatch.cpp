// The queue's side of the engine: what waits is started in order when slots are free, or expires.
#include <algorithm>

#include "base/fault_point.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "tasks/outcome.hpp"
#include "tasks/plan_codec.hpp"

namespace vx11::tasks {

namespace {

// Started in one commit: enough to keep the spawner busy, few enough that plans of 8 MiB do not pile up in
// memory.
constexpr size_t kBatch = 16;

}  // namespace

void Engine::dispatchLoop() {
  Lock lock(mutex_);
  while (!stopping_) {
    queueDueRetries();
    expireQueued(lock);
    auto unsaved = takeUnsaved();
    const auto batch = takeBatch();
    if (batch.empty() && unsaved.empty()) {
      wake_.wait_until(lock, nextWake());
      continue;
    }
    lock.unlock();
    for (const auto& end : unsaved) commitEnd(end.task, end.end, end.nonce);
    if (!batch.empty()) startBatch(batch);
    lock.lock();
  }
}

std::vector<Engine::Unsaved> Engine::takeUnsaved() {
  if (unsaved_.empty() || unsaved_due_ > monoNow()) return {};
  return std::exchange(unsaved_, {});
}

void Engine::expireQueued(Lock& lock) {
  const auto now = monoNow();
  const auto expired = queue_.takeExpired(now);
  if (expired.empty()) return;
  lock.unlock();
  const auto reason =
      "it waited longer than tasks.queue_ttl_seconds = " + std::to_string(limits_.queue_ttl.count()) +
      " allows";
  for (const auto& task : expired) {
    const auto* const never = task->ended_as.empty() ? " and was never started" : "";
    finish(task, endWaiting(task->row, store::spawn_status::kTimeout, "timeout", reason + never), {});
  }
  lock.lock();
}

std::vector<TaskPtr> Engine::takeBatch() {
  std::vector<TaskPtr> batch;
  const auto now = monoNow();
  while (connected_ && batch.size() < kBatch) {
    const auto task = queue_.next(slots_);
    if (!task || task->not_before > now) break;
    queue_.remove(task);
    slots_.take(task->row.task_type);
    beginAttempt(*task);
    nonces_.emplace(task->nonce, task);
    batch.push_back(task);
  }
  return batch;
}

MonoTime Engine::nextWake() const {
  auto next = monoNow() + std::chrono::hours(1);
  if (!unsaved_.empty()) next = std::min(next, unsaved_due_);
  if (!retries_.empty()) next = std::min(next, retries_.begin()->first);
  next = std::min(next, queue_.firstDeadline());
  const auto task = connected_ ? queue_.next(slots_) : nullptr;
  return task ? std::min(next, task->not_before) : next;
}

void Engine::startBatch(const std::vector<TaskPtr>& batch) {
  std::vector<std::optional<std::string>> plans;
  try {
    plans = database_.read([&](store::ReadSession& session) {
      std::vector<std::optional<std::string>> found;
      for (const auto& task : batch) found.push_back(store::spawns::plan(session, task->row.uuid));
      return found;
    });
    database_.commit([&](store::WriteSession& session) {
      for (const auto& task : batch) {
        // One that was taken back while the disk was full may still have its row.
        store::attempts::removeOpen(session, task->row.uuid, task->row.attempt);
        store::attempts::insert(session, attemptRow(*task));
      }
      VX11_FAULT_POINT("attempt.before_commit");
    });
    VX11_FAULT_POINT("attempt.after_commit");
  } catch (const std::exception& failure) {
    log::error("dispatch.storage", {{"detail", failure.what()}});
    // Each goes to the front, so the first of them goes last.
    for (auto task = batch.rbegin(); task != batch.rend(); ++task)
      requeue(*task, (*task)->nonce, kStorageRetry);
    return;
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    Plan plan;
    try {
      plan = decodePlan(plans[i] ? *plans[i] : std::string_view());
    } catch (const std::exception& failure) {
      finish(batch[i],
             endWithout(std::string(store::spawn_status::kFailed), "spawn_error", failure.what(),
                        std::nullopt, wallNow()),
             batch[i]->nonce);
      continue;
    }
    if (batch[i]->secret_env.size() != plan.secret_names.size()) {
      finish(batch[i],
             endWithout(std::string(store::spawn_status::kInterrupted), "interrupted",
                        "its secret_env is written down nowhere, and the vx11d that had it ended before it "
                        "started; submit it again",
                        std::nullopt, wallNow()),
             batch[i]->nonce);
      continue;
    }
    launch(batch[i], executor_->prepare(startRequest(*batch[i], std::move(plan))));
  }
}

// For an attempt that certainly never ran: its row goes, its slot is free again, and it is the next in line.
void Engine::requeue(const TaskPtr& task, std::string nonce, std::chrono::milliseconds delay) {
  std::string cancel_reason;
  {
    const std::lock_guard lock(mutex_);
    // Several may find out that an attempt did not start; the first one takes it back.
    if (task->ending || task->nonce != nonce) return;
    task->nonce.clear();
    cancel_reason = task->row.cancel_reason;
    nonces_.erase(nonce);
    freeSlot(*task);
    task->row.attempt -= 1;
    task->phase = Phase::kQueued;
    task->pid.reset();
    task->started_at.reset();
    task->not_before = monoNow() + delay;
    if (cancel_reason.empty()) queue_.putBack(task);
  }
  database_.submit(
      [nonce, uuid = task->row.uuid](store::WriteSession& session) {
        store::attempts::remove(session, uuid, nonce);
        store::spawns::markPending(session, uuid);
        VX11_FAULT_POINT("requeue.before_commit");
      },
      [nonce](std::exception_ptr failure) {
        VX11_FAULT_POINT("requeue.after_commit");
        // The row of an attempt that never ran stays until the next one of the task takes its place.
        if (failure) log::error("attempt.not_removed", {{"nonce", nonce}});
      });
  wake_.notify_one();
  if (cancel_reason.empty()) return;
  finishCancelled(task, cancel_reason);
}

}  // namespace vx11::tasks
