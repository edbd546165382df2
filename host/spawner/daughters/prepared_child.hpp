// A launch plan in the form that a child needs, which allocates nothing.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "spawner/daughters/child.hpp"
#include "spawner/daughters/launch_plan.hpp"

namespace vx11::spawner {

// Its spec points into this and into the plan. What the plan does not say (descriptors, confinement, cgroup)
// is the caller's to set.
class PreparedChild {
 public:
  // `processes` and `files`: of any program; the plan's limits may be lower.
  PreparedChild(const LaunchPlan& plan, rlimit files, rlim_t processes);
  PreparedChild(const PreparedChild&) = delete;
  PreparedChild& operator=(const PreparedChild&) = delete;

  ChildSpec spec;

 private:
  void addEntries(const std::vector<std::string>& files);
  void addLimits(const PlanLimits& limits);

  std::vector<std::string> env_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
  std::deque<std::string> directories_;
  std::vector<OwnDirectory::Entry> entries_;
  std::vector<ResourceLimit> limits_;
};

}  // namespace vx11::spawner
