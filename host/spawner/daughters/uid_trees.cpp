#include <signal.h>

#include "base/log.hpp"
#include "spawner/daughters/process_table.hpp"
#include "spawner/daughters/signal_user.hpp"
#include "spawner/daughters/trees.hpp"
#include "spawner/daughters/uid_pool.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

class UidTrees : public Trees {
 public:
  UidTrees(uid_t sweeper, const std::map<pid_t, std::string>& leaders)
      : sweeper_(sweeper), leaders_(leaders) {}

  const char* isolation() const override { return "own-uid"; }
  const char* treeKill() const override { return "uid"; }

  void kill(const Tree& tree) override {
    const int error = signalUser(tree.uid, sweeper_, SIGKILL);
    if (error == 0) return;
    log::warning("tree.kill_failed", {{"uid", tree.uid}, {"error", errnoText(error)}});
    // It may be the tree itself that leaves no process for the helper: one by one, without one.
    for (const pid_t pid : processesOf(tree.uid)) ::kill(pid, SIGKILL);
  }

  bool empty(const Tree& tree) override { return orphans_.none(leaders_) || !hasProcesses(tree.uid); }

 private:
  uid_t sweeper_;
  const std::map<pid_t, std::string>& leaders_;
  Orphans orphans_;
};

}  // namespace

std::unique_ptr<Trees> makeUidTrees(uid_t sweeper, const std::map<pid_t, std::string>& leaders) {
  return std::make_unique<UidTrees>(sweeper, leaders);
}

}  // namespace vx11::spawner
