// What tasks may have left on the machine: processes, zombies, cgroups, directories.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "scene.hpp"

namespace vx11::torture {

// One sentence for each thing that is still there after the time that a clean-up may take. `uuids`: of all
// tasks, none of which runs.
std::vector<std::string> remainsOf(Scene& scene, const std::set<std::string>& uuids);

}  // namespace vx11::torture
