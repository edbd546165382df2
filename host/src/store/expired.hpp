// What is older than an operator wants to keep: ended spawns with their attempts and evidence.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace vx11::store {

class WriteSession;
class ReadSession;

struct ExpiredSpawn {
  int64_t id = 0;
  std::string uuid;
  std::string correlation_id;
  std::string out_file;  // in the spool; empty: none
  std::string err_file;
};

namespace expired {

// Ended before `before`, the oldest first, at most `limit`.
std::vector<ExpiredSpawn> find(ReadSession& session, WallTime before, int limit);

// With its attempts, its routing event and, where no other spawn has its correlation id, its usage rows.
// Without effect where it is gone already.
void remove(WriteSession& session, const ExpiredSpawn& spawn);

}  // namespace expired
}  // namespace vx11::store
