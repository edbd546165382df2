// Where in the cgroup v2 hierarchy we are.
#pragma once

#include <optional>
#include <string>

namespace vx11::spawner {

// The directory of our cgroup, from the texts of /proc/self/mountinfo (proc_pid_mountinfo(5)) and
// /proc/self/cgroup (cgroups(7)); nullopt where no cgroup2 is mounted, or not the part of it that we are in.
// Knows a pure v2, a hybrid (v2 mounted without controllers, beside v1) and the bind mounts of containers.
std::optional<std::string> ownCgroup(const std::string& mountinfo, const std::string& self_cgroup);

}  // namespace vx11::spawner
