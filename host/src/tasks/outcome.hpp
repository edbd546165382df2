// How an attempt's end becomes the end of a spawn: pure functions.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "spawner_client/client.hpp"
#include "spawner_client/left_output.hpp"
#include "store/evidence.hpp"
#include "store/spawns.hpp"

namespace vx11::tasks {

store::SpawnEnd endOf(const spawner_client::Finished& finished);

// An end without a report of the spawner: nothing is known of output or usage.
store::SpawnEnd endWithout(const std::string& status, const std::string& outcome, const std::string& reason,
                           std::optional<WallTime> started_at, WallTime now);

// The end of one that waits, for its first attempt or for another.
store::SpawnEnd endWaiting(const store::SpawnRow& row, std::string_view status, const std::string& outcome,
                           const std::string& reason);

// To an end without a report: what was found of its output.
void addLeftOutput(store::SpawnEnd& end, const spawner_client::LeftOutput& left);

// The usage row of a finished attempt.
store::UsageRow usageOf(const store::SpawnRow& row, const store::SpawnEnd& end);

}  // namespace vx11::tasks
