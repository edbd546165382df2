// Ending everything that a daughter has started, and knowing that nothing of it is left.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace vx11::spawner {

class Cgroup;

struct Tree {
  pid_t leader = -1;
  bool leader_reaped = false;  // its number may be anybody's then
  uid_t uid = 0;               // own-uid mode
  std::string task_id;         // VX11_TASK_ID
  Cgroup* cgroup = nullptr;
  uint64_t begun = 0;  // ticksSinceBoot() before the leader was: nothing older belongs to it
};

class Trees {
 public:
  virtual ~Trees() = default;
  virtual const char* isolation() const = 0;  // as in Welcome
  virtual const char* treeKill() const = 0;

  // SIGKILL to all of it, the leader included. What dies is gone a little later: ask empty() again.
  virtual void kill(const Tree& tree) = 0;
  // True only where nothing of the tree lives. Ask after the leader was reaped.
  virtual bool empty(const Tree& tree) = 0;
};

// Both ask `leaders` for the living leaders with their task ids, and need the spawner to be a subreaper.
// `leaders` must outlive the result.

// Each daughter has a user id of its own: the tree is that user. Exact and atomic. Root only.
std::unique_ptr<Trees> makeUidTrees(uid_t sweeper, const std::map<pid_t, std::string>& leaders);

// All daughters share our user id: a tree is what descends from the leader, shares its session or carries its
// VX11_TASK_ID, found by reading /proc. A process that shed all three may be of any tree that is older than
// it; then empty() stays false for each of them while another runs.
std::unique_ptr<Trees> makeSweepTrees(const std::map<pid_t, std::string>& leaders);

// The leader of each tree is the init of a PID namespace: the tree is that namespace. Exact and atomic.
std::unique_ptr<Trees> makePidNamespaceTrees();

// For daughters that begin in a cgroup of their own: the tree is what is in there and, by `others`, what
// found a way out, as a daughter of our own user may. One that could get no cgroup is left to `others` alone.
std::unique_ptr<Trees> makeCgroupTrees(std::unique_ptr<Trees> others);

// Ends processes of our user that carry one of these VX11_TASK_IDs: what a dead spawner of ours left running.
void endTasks(const std::set<std::string>& task_ids);

}  // namespace vx11::spawner
