#include <signal.h>

#include "spawner/daughters/trees.hpp"

namespace vx11::spawner {

namespace {

// The kernel ends all of it with its init, and reaps it before (zap_pid_ns_processes in
// kernel/pid_namespace.c).
class PidNamespaceTrees : public Trees {
 public:
  const char* isolation() const override { return "namespace"; }
  const char* treeKill() const override { return "pid-namespace"; }

  void kill(const Tree& tree) override {
    if (!tree.leader_reaped) ::kill(tree.leader, SIGKILL);
  }
  bool empty(const Tree&) override { return true; }
};

}  // namespace

std::unique_ptr<Trees> makePidNamespaceTrees() {
  return std::make_unique<PidNamespaceTrees>();
}

}  // namespace vx11::spawner
