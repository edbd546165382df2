// The cgroups of daughters: made when first needed, used again and again.
//
//   <our own cgroup>/vx11-spawner-PID/     ours, locked with flock(2) as long as we live
//                      task-1, task-2, …   one for each daughter that runs
//
// Nothing is made but where that is ours to do: below a cgroup that was delegated to us, or where no systemd
// manages the hierarchy (systemd.io/CGROUP_DELEGATION). No controller is enabled: this is about ending trees.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/cgroups/cgroup.hpp"

namespace vx11::spawner {

class CgroupPool {
 public:
  // Gives its cgroup back at the end of its life.
  class Return {
   public:
    explicit Return(CgroupPool* pool = nullptr) : pool_(pool) {}
    void operator()(Cgroup* cgroup) const;

   private:
    CgroupPool* pool_;
  };
  using Lease = std::unique_ptr<Cgroup, Return>;  // must not outlive the pool

  // What stands in the way, for people.
  class Unusable : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  // Below our own cgroup. Ends what dead spawners left there. Throws Unusable.
  CgroupPool();

  // What all of them lie in: absolute.
  const std::string& path() const { return path_; }
  // Nobody gets one that somebody had before: for daughters who may write to them, and so leave it frozen,
  // say.
  void neverReuse() { reuse_ = false; }
  ~CgroupPool();  // removes what is empty
  CgroupPool(const CgroupPool&) = delete;
  CgroupPool& operator=(const CgroupPool&) = delete;

  // An empty one; null where no more can be made (a limit of the hierarchy, no descriptor).
  Lease acquire();

 private:
  void giveBack(std::unique_ptr<Cgroup> cgroup);

  UniqueFd parent_;
  std::string name_;
  std::string path_;
  bool reuse_ = true;
  UniqueFd base_;  // locked
  uint64_t made_ = 0;
  std::vector<std::unique_ptr<Cgroup>> free_;
};

}  // namespace vx11::spawner
