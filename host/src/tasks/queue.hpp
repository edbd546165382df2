// What waits for a slot. The next is the oldest of the highest priority that is there, of a type that has
// room: one type's limit holds nobody else up. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tasks/slots.hpp"
#include "tasks/task.hpp"

namespace vx11::tasks {

class Queue {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  void push(const TaskPtr& task);  // behind all of its priority
  // For one that was taken: it comes before all of its priority and type again.
  void putBack(const TaskPtr& task);
  // False where it does not wait.
  bool remove(const TaskPtr& task);

  // The next one; null where none has room. It may have to wait still (Task::not_before), and all others with
  // it: what is lacking then is lacking for all.
  TaskPtr next(const Slots& slots) const;
  // Those whose queue_deadline has passed, taken out.
  std::vector<TaskPtr> takeExpired(MonoTime now);
  std::vector<TaskPtr> takeAll();
  // The earliest queue_deadline; the latest time there is where nothing waits.
  MonoTime firstDeadline() const;

 private:
  // Of one priority and type, in order of acceptance.
  using Lane = std::deque<TaskPtr>;
  Lane& laneOf(const Task& task);

  std::array<std::map<std::string, Lane>, kPriorities> lanes_;
  size_t size_ = 0;
  uint64_t turns_ = 0;
};

}  // namespace vx11::tasks
