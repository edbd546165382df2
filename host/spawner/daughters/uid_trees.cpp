#include "base/log.hpp"
#include "spawner/daughters/kill_user.hpp"
#include "spawner/daughters/trees.hpp"
#include "spawner/daughters/uid_pool.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

class UidTrees : public Trees {
 public:
  explicit UidTrees(uid_t sweeper) : sweeper_(sweeper) {}

  const char* isolation() const override { return "own-uid"; }
  const char* treeKill() const override { return "uid"; }

  void kill(const Tree& tree) override {
    const int error = killUser(tree.uid, sweeper_);
    if (error != 0) log::warning("tree.kill_failed", {{"uid", tree.uid}, {"error", errnoText(error)}});
  }

  bool empty(const Tree& tree) override { return !hasProcesses(tree.uid); }

 private:
  uid_t sweeper_;
};

}  // namespace

std::unique_ptr<Trees> makeUidTrees(uid_t sweeper) {
  return std::make_unique<UidTrees>(sweeper);
}

}  // namespace vx11::spawner
