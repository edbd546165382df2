#include <errno.h>
#include <signal.h>

#include "base/log.hpp"
#include "spawner/cgroups/cgroup.hpp"
#include "spawner/daughters/trees.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

class CgroupTrees : public Trees {
 public:
  explicit CgroupTrees(std::unique_ptr<Trees> others) : others_(std::move(others)) {}

  const char* isolation() const override { return others_->isolation(); }
  const char* treeKill() const override { return "cgroup"; }

  void kill(const Tree& tree) override {
    if (tree.cgroup == nullptr || !tree.cgroup->populated()) return others_->kill(tree);
    // Whoever is left after a first time may be one that cgroup.kill does not reach.
    if (tree.cgroup->wasKilled()) {
      for (const pid_t pid : tree.cgroup->processes()) ::kill(pid, SIGKILL);
      others_->kill(tree);
    }
    if (tree.cgroup->kill()) return;
    log::warning("tree.kill_failed", {{"cgroup", tree.cgroup->name()}, {"error", errnoText(errno)}});
    others_->kill(tree);
  }

  bool empty(const Tree& tree) override {
    return (tree.cgroup == nullptr || !tree.cgroup->populated()) && others_->empty(tree);
  }

 private:
  std::unique_ptr<Trees> others_;
};

}  // namespace

std::unique_ptr<Trees> makeCgroupTrees(std::unique_ptr<Trees> others) {
  return std::make_unique<CgroupTrees>(std::move(others));
}

}  // namespace vx11::spawner
