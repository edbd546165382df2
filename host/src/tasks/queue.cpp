#include "tasks/queue.hpp"

#include <algorithm>

namespace vx11::tasks {

Queue::Lane& Queue::laneOf(const Task& task) {
  return lanes_[static_cast<size_t>(task.row.priority)][task.row.task_type];
}

void Queue::push(const TaskPtr& task) {
  task->turn = ++turns_;
  laneOf(*task).push_back(task);
  ++size_;
}

void Queue::putBack(const TaskPtr& task) {
  laneOf(*task).push_front(task);
  ++size_;
}

bool Queue::remove(const TaskPtr& task) {
  auto& lane = laneOf(*task);
  const auto place = std::find(lane.begin(), lane.end(), task);
  if (place == lane.end()) return false;
  lane.erase(place);
  --size_;
  return true;
}

TaskPtr Queue::next(const Slots& slots) const {
  if (size_ == 0 || !slots.hasRoom()) return nullptr;
  for (const auto& priority : lanes_) {
    TaskPtr oldest;
    for (const auto& [type, lane] : priority) {
      if (lane.empty() || !slots.hasRoomFor(type)) continue;
      if (!oldest || lane.front()->turn < oldest->turn) oldest = lane.front();
    }
    if (oldest) return oldest;
  }
  return nullptr;
}

std::vector<TaskPtr> Queue::takeExpired(MonoTime now) {
  std::vector<TaskPtr> expired;
  for (auto& priority : lanes_) {
    for (auto& [type, lane] : priority) {
      // The first that is not due ends the search.
      while (!lane.empty() && lane.front()->queue_deadline <= now) {
        expired.push_back(lane.front());
        lane.pop_front();
      }
    }
  }
  size_ -= expired.size();
  return expired;
}

std::vector<TaskPtr> Queue::takeAll() {
  std::vector<TaskPtr> all;
  for (auto& priority : lanes_) {
    for (auto& [type, lane] : priority) all.insert(all.end(), lane.begin(), lane.end());
    priority.clear();
  }
  size_ = 0;
  return all;
}

MonoTime Queue::firstDeadline() const {
  auto first = MonoTime::max();
  for (const auto& priority : lanes_) {
    for (const auto& [type, lane] : priority) {
      if (!lane.empty()) first = std::min(first, lane.front()->queue_deadline);
    }
  }
  return first;
}

}  // namespace vx11::tasks
