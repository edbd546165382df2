// What the configuration says about the spawner, for whoever starts it.
#pragma once

#include "config/config.hpp"
#include "spawner/launch.hpp"
#include "state_directory.hpp"

namespace vx11 {

spawner::LaunchOptions spawnerOptions(const config::Config& config, const StateLayout& state);

}  // namespace vx11
