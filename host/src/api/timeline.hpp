// The life of a task as a line of events and the spans between them, out of its rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "store/attempts.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

struct TimelineEvent {
  WallTime at;
  // accepted; for each attempt attempt_begun (its row is committed), started (its process), attempt_ended;
  // finished. waiting, last of one that waits, with the reason.
  std::string type;
  std::string spawn_id;
  std::optional<int> attempt;
  json::ObjectPtr detail;  // what belongs to the type; never null
};

// What lies between two events. Without an end it lasts still.
struct TimelineSpan {
  std::string name;  // waits, starts, runs
  std::string spawn_id;
  std::optional<int> attempt;
  WallTime begin;
  std::optional<WallTime> end;
  std::string outcome;  // of an attempt that has run
};

struct Timeline {
  std::vector<TimelineEvent> events;  // by time
  std::vector<TimelineSpan> spans;
};

// `attempts` in their order. A living task's view knows its running attempt better than the row does.
Timeline timelineOf(const tasks::View& view, const std::vector<store::AttemptRow>& attempts, WallTime now);

}  // namespace vx11::api
