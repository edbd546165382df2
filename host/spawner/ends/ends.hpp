// The ends that the host has not yet acknowledged, on disk and in memory, and the nonces that were used
// before.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>

#include "spawner/ends/record_log.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

class Ends {
 public:
  // Reads what a former spawner left in the spool `directory`. Throws CannotStart.
  explicit Ends(int directory);

  // Writes the record, durably if asked to. A full disk is logged; the end is then in memory alone until
  // writeMissing() finds room.
  void add(const Finished& finished, bool durable);
  // Writes those that found no room, as far as there is some now; durably. Whether all are written.
  bool writeMissing();
  // False for a nonce that has no unacknowledged end.
  bool acknowledge(const std::string& nonce);

  bool isKnown(const std::string& nonce) const;  // unacknowledged, or acknowledged not long ago
  // Remembers a nonce in bounded memory.
  void remember(const std::string& nonce);

  const std::map<std::string, Finished>& unacknowledged() const { return ends_; }
  void sync();

 private:
  bool append(const Finished& finished);
  void compact();

  RecordLog log_;
  std::map<std::string, Finished> ends_;
  uint64_t live_bytes_ = 0;  // of the records that still count
  std::map<std::string, uint64_t> sizes_;
  // Hashes, so that a nonce costs the same whatever its length.
  std::deque<size_t> seen_order_;
  std::unordered_set<size_t> seen_;
};

}  // namespace vx11::spawner
