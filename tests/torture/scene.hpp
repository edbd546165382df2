// One host with its spawner and its state, over many deaths.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "daemon.hpp"
#include "fault_table.hpp"
#include "load.hpp"
#include "plan.hpp"

namespace vx11::torture {

// Something that must never happen, as a sentence.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Somebody wants the whole to end, by a signal.
class Interrupted : public std::exception {};
// Safe in a signal handler: revive() throws Interrupted from then on.
void interrupt();

// Not thread-safe; only its door is shared with clients.
class Scene {
 public:
  // Running, with an open window. `uids`: FIRST-LAST, for daughters of root.
  explicit Scene(const std::string& uids);
  ~Scene();

  // Does what the plan says, at its time. A point that is not reached at once stays lit.
  void strike(const Blow& blow, const Load& load);
  // Starts the host again where a fuse has ended it. Throws Violation where something else has.
  void revive();
  // Waits until nothing waits or runs. Throws Violation past the deadline.
  void settle();
  // Whether the point has been reached since strike().
  bool reached(size_t point) const { return !table_.lit(point); }
  // No fuse burns any more; revive() is for those that just did.
  void quench();

  test::Daemon& daemon() { return daemon_; }
  Door& door() { return door_; }
  const Books& books() const { return books_; }
  const FaultTable& table() const { return table_; }
  const std::string& uids() const { return uids_; }
  // Since the last call: whether a spawner was killed.
  bool takeSpawnerHit();
  // The pids of the spawners that were there at some time.
  void meetSpawner(pid_t pid) { spawners_met_.insert(pid); }
  const std::set<pid_t>& spawnersMet() const { return spawners_met_; }
  // What was killed how often, in all.
  const std::map<std::string, unsigned>& deaths() const { return deaths_; }

 private:
  void killHost();
  void replaceHost(bool lets_end);
  void killSpawner();
  void start();
  // Takes those that have burnt out of lit_; true where the host has died of one.
  bool noteBurnt();
  void waitForSubmissions(size_t count, const Load& load);
  void waitUntilBurnt(size_t point, const Load& load);
  void strikePoint(const Blow& blow, const Load& load);
  uint64_t recordBytes() const;

  const std::string uids_;
  test::Daemon daemon_;
  FaultTable table_;
  Books books_;
  Door door_;
  std::set<size_t> lit_;  // those whose fuse was lit, and not seen burnt since
  bool spawner_hit_ = false;
  std::set<pid_t> spawners_met_;
  std::map<std::string, unsigned> deaths_;
};

}  // namespace vx11::torture
