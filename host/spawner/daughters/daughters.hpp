// All daughters: accepts starts, knows who runs, records and reports every end.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/cgroups/cgroup_pool.hpp"
#include "spawner/daughters/confinement.hpp"
#include "spawner/daughters/daughter.hpp"
#include "spawner/daughters/removal.hpp"
#include "spawner/daughters/spool.hpp"
#include "spawner/daughters/task_directories.hpp"
#include "spawner/daughters/trees.hpp"
#include "spawner/daughters/uid_pool.hpp"
#include "spawner/daughters/uid_sweep.hpp"
#include "spawner/ends/ends.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/options.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

// Where messages for the host go.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual bool connected() const = 0;
  virtual void report(Message message) = 0;  // dropped where nobody is connected
  virtual bool ready() const = 0;  // connected, and nothing that was reported still waits to be read
};

class Daughters {
 public:
  // Checks and opens the directories, ends and removes what a dead spawner left. `files`: the descriptor
  // limit of the programs. Throws CannotStart.
  Daughters(EventLoop& loop, const Options& options, rlimit files, Reporter& reporter);

  // Answers with Refused, or with Finished and, where it takes longer than a moment, Started before it.
  void start(Start start);
  void kill(const Kill& kill);
  void acknowledge(const Acknowledge& acknowledge);
  void follow(const Follow& follow);
  // The host that followed them is gone.
  void followNone();

  // Refuses new work and ends everything; a second call gives no more grace.
  void stopAll(std::chrono::milliseconds grace);
  // Kills, records and reports what has not ended.
  void giveUp();

  // On SIGCHLD: reaps orphans that became ours, without taking a leader's status from its daughter.
  void reap();
  // Call after each turn of the loop: destroys those that are gone.
  void bury() { gone_.clear(); }

  std::vector<Started> running() const;
  const std::map<std::string, Finished>& unacknowledged() const { return ends_.unacknowledged(); }
  bool idle() const {
    return daughters_.empty() && removal_.idle() && leftovers_removal_.idle() && !sweepPending() &&
           !record_timer_.armed();
  }
  bool allReported() const;
  // The last words, also those that found no room on the disk before.
  void sync() {
    ends_.writeMissing();
    ends_.sync();
  }
  size_t count() const { return daughters_.size(); }
  const char* isolation() const { return confinement_ ? "namespace" : trees_->isolation(); }
  const char* treeKill() const { return trees_->treeKill(); }

 private:
  // Why this start is not even tried; empty: try it.
  std::string objection(const Start& start) const;
  void launch(Start& start, const std::string& directory, uid_t uid);
  void refuse(const Start& start, bool transient, const std::string& reason);
  void failToStart(const Start& start, const std::string& reason);
  void onFinished(const Daughter& daughter, const Finished& finished);
  bool onGrown(const Grown& grown);
  void onGone(Daughter& daughter);
  void writeRecords();
  void forgetLeader(pid_t leader);
  void removeDirectory(const std::string& name, std::vector<std::string> files, uid_t uid);
  void endLeftovers();
  void scheduleSweep();
  void beginSweep();
  void onSwept(const std::set<uid_t>& left);
  bool sweepPending() const { return sweep_ && (sweep_->running() || sweep_timer_.armed()); }

  EventLoop& loop_;
  Reporter& reporter_;
  bool log_plans_;
  bool stopping_ = false;
  Spool spool_;
  TaskDirectories directories_;
  std::optional<UidPool> uids_;    // own-uid mode
  std::optional<UidSweep> sweep_;  // the same
  Timer sweep_timer_;
  Timer reap_timer_;
  Ends ends_;
  Timer record_timer_;                        // armed while an end is not on the disk
  std::unique_ptr<CgroupPool> cgroups_;       // null: there are none
  std::map<pid_t, std::string> leaders_;      // those that are not reaped, and their task ids
  std::unique_ptr<Confinement> confinement_;  // null: there is none, or own user ids make it needless
  std::unique_ptr<Trees> trees_;
  Removal removal_;
  Removal leftovers_removal_;
  UniqueFd null_device_;
  Daughter::Surroundings around_;
  std::map<std::string, std::unique_ptr<Daughter>> daughters_;  // by nonce
  std::map<pid_t, Daughter*> by_pid_;                           // those whose leader is not reaped
  std::vector<std::unique_ptr<Daughter>> gone_;
};

}  // namespace vx11::spawner
