// When an attempt is followed by another one: pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "store/spawns.hpp"

namespace vx11::tasks {

// Outcomes for which another attempt may be asked. Never after "cancelled".
const std::vector<std::string>& retryableOutcomes();

// Whether a spawn whose attempt number `row.attempt` has ended in this way is tried again: where the request
// names no outcomes, after failed, timeout and spawn_error.
bool isRetried(const store::SpawnRow& row, std::string_view outcome);

// Between the end of the attempt of this number (1 is the first) and the next: `first` doubled with each, at
// most five minutes (or `first`, where that is longer).
std::chrono::milliseconds retryDelay(std::chrono::milliseconds first, int attempt);

}  // namespace vx11::tasks
