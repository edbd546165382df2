// Many submissions, accepted by one commit: all of them or none.
#include "base/error.hpp"
#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "store/database.hpp"
#include "tasks/engine.hpp"
#include "tasks/plan_codec.hpp"

namespace vx11::tasks {

Plan Engine::plan(const Submission& submission) const {
  return planner_.plan(submission);
}

void Engine::reserveQueue(size_t count) {
  const std::lock_guard lock(mutex_);
  if (draining_) throw Error(ErrorCode::kUnavailable, "the host is stopping; try again in a moment");
  if (queue_.size() + queue_reserved_ + count > limits_.max_queued) {
    throw Error(ErrorCode::kQueueFull, "the queue has no room for " + std::to_string(count) +
                                           " more: " + std::to_string(queue_.size()) + " of " +
                                           std::to_string(limits_.max_queued) +
                                           " tasks wait already (tasks.max_queued)");
  }
  queue_reserved_ += count;
}

std::vector<TaskPtr> Engine::submitAll(const std::vector<Planned>& all) {
  reserveQueue(all.size());
  std::vector<TaskPtr> tasks;
  try {
    tasks = commitAll(all);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    queue_reserved_ -= all.size();
    throw;
  }
  for (const auto& task : tasks) {
    noteAccepted(*task, true);
    enter(task);
  }
  return tasks;
}

std::vector<TaskPtr> Engine::commitAll(const std::vector<Planned>& all) {
  for (int tries = 1;; ++tries) {
    std::vector<TaskPtr> tasks;
    std::vector<std::string> plans;
    for (const auto& [submission, plan] : all) {
      tasks.push_back(makeTask(submission, plan));
      tasks.back()->accepted = true;
      plans.push_back(encodePlan(plan));
    }
    try {
      database_.commit([&](store::WriteSession& session) {
        for (size_t i = 0; i < tasks.size(); ++i) insertAccepted(session, *tasks[i], plans[i]);
        VX11_FAULT_POINT("accept.before_commit");
      });
      VX11_FAULT_POINT("accept.after_commit");
      return tasks;
    } catch (const Error& error) {
      // One of the short names is taken.
      if (error.code() != ErrorCode::kConflict || tries >= kNameTries) throw;
    }
  }
}

}  // namespace vx11::tasks
