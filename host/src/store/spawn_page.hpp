// Table spawns page by page, newest first. A page begins behind a place in the order and not at a number of
// rows, so that what comes meanwhile moves nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/spawns.hpp"

namespace vx11::store::spawns {

// In the order of the list: by time of creation, and among equals by uuid.
struct Position {
  WallTime created_at;
  std::string uuid;
};

enum class Ended { kAny, kCompleted, kFailed };

struct Page {
  Ended ended = Ended::kAny;       // kAny: those that have not ended too
  std::string task_type;           // empty: of any
  WallTime since{};                // created then or later
  std::optional<Position> before;  // of the last row of the page before; absent: the first page
  int limit = 100;
};

// Without outputs: end.out and end.err are empty.
std::vector<SpawnRow> page(ReadSession& session, const Page& page);

}  // namespace vx11::store::spawns
