// One attempt from its start to the moment when nothing of it is left.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "spawner/cgroups/cgroup_pool.hpp"
#include "spawner/daughters/growth.hpp"
#include "spawner/daughters/launch_plan.hpp"
#include "spawner/daughters/output.hpp"
#include "spawner/daughters/trees.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

class Confinement;

// running ──ttl, kill, stop──▶ stopping (TERM, grace) ──▶ sweeping (KILL until nothing is left) ──▶ ended
//    └─────────the leader ends─────────────┴──────────────────▲        └──5 s──▶ lingering ──▶ ended
//
// The end is reported when the tree is proven empty, or after five seconds with tree_empty = false; then it
// lingers until the last process is gone, for so long its user id and directory stay taken. Never blocks.
class Daughter {
 public:
  struct Surroundings {
    EventLoop& loop;
    Trees& trees;
    Spool& spool;
    const Confinement* confinement = nullptr;  // null: none
    int null_device = -1;                      // /dev/null for reading
    rlimit files{};                            // of the programs
    rlim_t processes = RLIM_INFINITY;          // of a daughter with an id or namespaces of its own
    std::function<void(Daughter&)> lasting;    // once, where it lives longer than a moment
    std::function<void(Daughter&)> reaped;     // once: from now on leader() may be somebody else's
    std::function<void(Daughter&, const Finished&)> finished;  // once, last but one
    std::function<void(Daughter&)> gone;                       // once, last; must not destroy it on the spot
    std::function<bool(const Grown&)> grown;                   // where it is followed; false: later
  };

  // Takes over the identity and the limits of the start. `around` must outlive it. `cgroup`: null where it
  // has none.
  Daughter(Surroundings& around, const Start& start, uid_t uid, CgroupPool::Lease cgroup,
           std::string directory_name);

  // Starts the program. Throws CannotLaunch; then nothing runs and no callback comes.
  void launch(const LaunchPlan& plan, const std::optional<UniqueFd>& stdin_content);

  // TERM to the process group, KILL to the tree after the grace. Where it is already ending, at most the
  // grace becomes shorter.
  void stop(End end, std::string reason, std::chrono::milliseconds grace);
  // Kills the tree and reports an end now, though not all of it may be gone.
  void giveUp();
  // From now on its output is on the disk from the first byte, and `grown` is told how much that is, as long
  // as it is `on`.
  void follow(bool on);
  // A zombie of ours was reaped, or the leader may have ended: look again.
  void look();

  const std::string& nonce() const { return nonce_; }
  const std::string& spawnId() const { return spawn_id_; }
  const std::string& correlationId() const { return correlation_id_; }
  const std::string& taskType() const { return task_type_; }
  const std::string& directoryName() const { return directory_name_; }
  // The names of the files that it was given, below its directory; once.
  std::vector<std::string> takeFiles() { return std::move(files_); }
  std::chrono::milliseconds killGrace() const { return kill_grace_; }
  pid_t leader() const { return tree_.leader; }
  pid_t pid() const { return program_; }  // what people see
  uid_t uid() const { return tree_.uid; }
  bool running() const { return phase_ == Phase::kRunning || phase_ == Phase::kStopping; }
  bool reported() const { return phase_ == Phase::kLingering || phase_ == Phase::kEnded; }
  Started started() const;

 private:
  enum class Phase { kRunning, kStopping, kSweeping, kLingering, kEnded };

  void onTimer();
  void onMoment();
  void listen();
  void onOutput();
  bool overOutputLimit() const;
  void reapLeader();
  void onLeaderDead();
  void beginSweep();
  void sweep();
  // `left`: what is to be said of processes that still live; null: there are none.
  void report(const char* left);
  Finished describeEnd(const char* left);
  void signalGroup(int signal);

  Surroundings& around_;
  std::string nonce_;
  std::string spawn_uuid_;
  std::string spawn_id_;
  std::string correlation_id_;
  std::string task_type_;
  std::string directory_name_;
  std::vector<std::string> files_;
  std::chrono::milliseconds ttl_;
  std::chrono::milliseconds kill_grace_;
  uint64_t inline_bytes_;
  PlanLimits limits_;

  Phase phase_ = Phase::kRunning;
  CgroupPool::Lease cgroup_;
  Tree tree_;
  pid_t program_ = -1;    // the leader, or what the leader is the init of
  UniqueFd program_end_;  // the same
  UniqueFd pidfd_;
  Watch pidfd_watch_;
  Timer timer_;
  Timer listen_again_;
  Timer moment_;
  Growth growth_;
  std::optional<Output> out_;
  std::optional<Output> err_;

  bool reaped_ = false;
  siginfo_t status_{};
  rusage usage_{};
  WallTime started_at_;
  MonoTime started_mono_;
  WallTime ended_at_;
  MonoTime ended_mono_;
  std::optional<End> cause_;  // what ended it, where it did not end by itself
  std::string reason_;
  MonoTime kill_at_;  // when stop()'s grace is over
  MonoTime give_up_at_;
  std::chrono::milliseconds retry_{1};
};

}  // namespace vx11::spawner
