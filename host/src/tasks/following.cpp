// What a task writes, while it writes it.
//
// The spawner is asked to follow an attempt only as long as somebody reads along: all others cost nothing.
#include "spawner_client/left_output.hpp"
#include "tasks/engine.hpp"

namespace vx11::tasks {

namespace {

bool isKnownToSpawner(const Task& task) {
  return task.sent && (task.phase == Phase::kStarting || task.phase == Phase::kRunning);
}

}  // namespace

void Engine::follow(const TaskPtr& task) {
  const std::lock_guard lock(mutex_);
  if (++task->followers == 1 && isKnownToSpawner(*task)) executor_->follow(task->nonce, true);
}

void Engine::unfollow(const TaskPtr& task) {
  const std::lock_guard lock(mutex_);
  if (--task->followers == 0 && isKnownToSpawner(*task)) executor_->follow(task->nonce, false);
}

Growth Engine::awaitGrowth(const TaskPtr& task, const Growth& seen, MonoTime until) const {
  Lock lock(mutex_);
  task->changed.wait_until(lock, until, [&] {
    if (task->phase == Phase::kEnded || draining_) return true;
    if (task->nonce != seen.nonce) return !task->nonce.empty();
    return task->out_grown > seen.out || task->err_grown > seen.err;
  });
  return {.nonce = task->nonce,
          .attempt = task->row.attempt,
          .out = task->out_grown,
          .err = task->err_grown,
          .ended = task->phase == Phase::kEnded,
          .draining = draining_};
}

UniqueFd Engine::openGrowing(const Growth& growth, Stream stream) const {
  using namespace spawner_client;
  return executor_->openOutput(stream == Stream::kOut ? spooledOut(growth.nonce) : spooledErr(growth.nonce));
}

void Engine::onGrown(const spawner_client::Grown& grown) {
  const std::lock_guard lock(mutex_);
  const auto found = nonces_.find(grown.nonce);
  if (found == nonces_.end()) return;
  auto& task = *found->second;
  task.out_grown = grown.out_bytes;
  task.err_grown = grown.err_bytes;
  task.changed.notify_all();
}

}  // namespace vx11::tasks
