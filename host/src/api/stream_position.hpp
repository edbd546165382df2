// How far a reader of GET /vx11/spawns/{id}/stream has come: the id of its events.
#pragma once

#include <cstdint>
#include <string>

namespace vx11::api {

// "stdout:120,stderr:7,spawn-1f2e3d4c", and ".2" behind it in the second attempt. Both offsets are in each
// id, for a reader that comes back knows the last one only.
struct StreamPosition {
  uint64_t out = 0;
  uint64_t err = 0;
  std::string spawn_id;  // empty: not said
  int64_t attempt = 0;   // from 1; 0: not said
};

std::string print(const StreamPosition& position);

// Offsets and spawn may each be missing. Throws Error{kInvalidField} with "Last-Event-ID" for anything else.
StreamPosition parsePosition(const std::string& id);

}  // namespace vx11::api
