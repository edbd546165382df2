#include <signal.h>
#include <unistd.h>

#include <functional>
#include <set>

#include "base/log.hpp"
#include "spawner/daughters/process_table.hpp"
#include "spawner/daughters/trees.hpp"

namespace vx11::spawner {

namespace {

struct Members {
  std::set<pid_t> ours;
  bool strangers = false;  // our orphans that may belong to this tree or to another
};

// Ends whom `find` finds, again and again until it finds no more; how many that were. Stopped first: a
// process that can no longer fork cannot outrun the killing. Bounded, for a new fork needs one that is not
// yet stopped.
size_t stopThenKill(const std::function<std::set<pid_t>()>& find) {
  constexpr int kMaxPasses = 50;
  std::set<pid_t> stopped;
  bool grown = true;
  for (int pass = 0; pass < kMaxPasses && grown; ++pass) {
    grown = false;
    for (const pid_t pid : find()) {
      if (!stopped.insert(pid).second) continue;
      ::kill(pid, SIGSTOP);
      grown = true;
    }
  }
  for (const pid_t pid : stopped) ::kill(pid, SIGKILL);
  return stopped.size();
}

class SweepTrees : public Trees {
 public:
  explicit SweepTrees(const std::map<pid_t, std::string>& leaders) : leaders_(leaders) {}

  const char* isolation() const override { return "same-user"; }
  const char* treeKill() const override { return "sweep"; }

  void kill(const Tree& tree) override {
    stopThenKill([&] { return membersOf(tree).ours; });
  }

  bool empty(const Tree& tree) override {
    if (orphans_.none(leaders_)) return true;
    for (int pass = 0; pass < 2; ++pass) {
      const auto members = membersOf(tree);
      if (!members.ours.empty() || members.strangers) return false;
    }
    return true;
  }

 private:
  Members membersOf(const Tree& tree) const {
    const auto table = readProcesses();
    const pid_t self = getpid();
    Members members;
    for (const auto& [pid, process] : table) {
      if (pid == self || process.zombie) continue;
      const auto owner = ownerOf(table, process, tree);
      if (owner == Owner::kTree) members.ours.insert(pid);
      if (owner == Owner::kUnknown) members.strangers = true;
    }
    return members;
  }

  enum class Owner { kTree, kOther, kUnknown };

  Owner ownerOf(const ProcessTable& table, const Process& process, const Tree& tree) const {
    const pid_t self = getpid();
    // Up through the ancestors: the first that something ties to a daughter decides.
    Process at = process;
    bool tied = false;
    for (size_t depth = 0; depth < table.size(); ++depth) {
      tied = tied || isTied(at, tree);
      if (!tied && (leaders_.count(at.pid) != 0 || leaders_.count(at.session) != 0)) return Owner::kOther;
      // Not before: once the leader is reaped, somebody who is none of our descendants may have its number.
      if (at.parent == self && tied) return Owner::kTree;
      if (at.parent == self) {
        // Daughters leave our session before they run and cannot come back to it: a forked call of ours.
        if (at.session == getsid(0)) return Owner::kOther;
        for (const pid_t pid : {process.pid, at.pid}) {
          const auto task = variableOf(pid, "VX11_TASK_ID");
          if (task == tree.task_id) return Owner::kTree;
          for (const auto& [leader, id] : leaders_) {
            if (id == task) return Owner::kOther;
          }
        }
        return ownerByAge(table, at, tree);
      }
      const auto parent = table.find(at.parent);
      // It ended while we read.
      if (parent == table.end()) return tied ? Owner::kTree : Owner::kOther;
      at = parent->second;
    }
    return Owner::kOther;
  }

  bool isTied(const Process& process, const Tree& tree) const {
    if (tree.leader_reaped && leaders_.count(tree.leader) != 0)
      return false;  // the number of another one now
    return process.pid == tree.leader || process.session == tree.leader || process.group == tree.leader;
  }

  // Of an orphan that nothing ties to anybody. It descends from a leader that is older than it: one that
  // sheds its traces must not keep all who come later from a proven end.
  Owner ownerByAge(const ProcessTable& table, const Process& orphan, const Tree& tree) const {
    if (orphan.born < tree.begun) return Owner::kOther;
    for (const auto& [leader, task_id] : leaders_) {
      if (leader == tree.leader) continue;
      const auto other = table.find(leader);
      // One that was reaped is being swept itself: whose of the two it is makes no difference.
      if (other != table.end() && other->second.born <= orphan.born) return Owner::kUnknown;
    }
    return Owner::kTree;
  }

  const std::map<pid_t, std::string>& leaders_;
  Orphans orphans_;
};

}  // namespace

std::unique_ptr<Trees> makeSweepTrees(const std::map<pid_t, std::string>& leaders) {
  return std::make_unique<SweepTrees>(leaders);
}

void endTasks(const std::set<std::string>& task_ids) {
  const auto find = [&] {
    std::set<pid_t> found;
    for (const auto& [pid, process] : readProcesses()) {
      if (pid != getpid() && !process.zombie && task_ids.count(variableOf(pid, "VX11_TASK_ID")) != 0)
        found.insert(pid);
    }
    return found;
  };
  if (const size_t ended = stopThenKill(find); ended != 0)
    log::warning("spawner.leftovers", {{"processes", ended}});
}

}  // namespace vx11::spawner
