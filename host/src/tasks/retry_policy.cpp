#include "tasks/retry_policy.hpp"

#include <algorithm>

namespace vx11::tasks {

namespace {

constexpr std::chrono::milliseconds kLongest = std::chrono::minutes(5);

const std::vector<std::string> kUsuallyRetried{"failed", "timeout", "spawn_error"};

bool contains(const std::vector<std::string>& outcomes, std::string_view outcome) {
  return std::find(outcomes.begin(), outcomes.end(), outcome) != outcomes.end();
}

}  // namespace

const std::vector<std::string>& retryableOutcomes() {
  static const std::vector<std::string> outcomes{"failed",      "timeout",      "interrupted",
                                                 "spawn_error", "output_limit", "oom"};
  return outcomes;
}

bool isRetried(const store::SpawnRow& row, std::string_view outcome) {
  if (row.attempt > row.max_retries || !row.cancel_reason.empty()) return false;
  return contains(retryableOutcomes(), outcome) &&
         contains(row.retry_on.empty() ? kUsuallyRetried : row.retry_on, outcome);
}

std::chrono::milliseconds retryDelay(std::chrono::milliseconds first, int attempt) {
  auto delay = first;
  for (int i = 1; i < attempt && delay < kLongest; ++i) delay *= 2;
  return std::max(first, std::min(delay, kLongest));
}

}  // namespace vx11::tasks
