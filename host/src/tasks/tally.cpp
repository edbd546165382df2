#include "tasks/tally.hpp"

#include <algorithm>

namespace vx11::tasks {

void Tally::accepted(const std::string& task_type) {
  const std::lock_guard lock(mutex_);
  ++all_.accepted[task_type];
}

void Tally::attemptEnded(const std::string& task_type, const std::string& outcome, bool started,
                         std::chrono::milliseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = static_cast<size_t>(
      std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), seconds) - kDurationBounds.begin());
  const std::lock_guard lock(mutex_);
  ++all_.attempts_ended[{task_type, outcome}];
  if (!started) return;
  auto& durations = all_.durations[task_type];
  ++durations.counts[bucket];
  ++durations.count;
  durations.seconds += seconds;
}

Tally::Snapshot Tally::snapshot() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

}  // namespace vx11::tasks
