// Root only as long as it must be.
#pragma once

#include "config/config.hpp"

namespace vx11 {

// When started as root with process.user set: makes the state directory and gives it to that user, starts the
// spawner (which stays root, so that each daughter gets a user id of its own), and becomes the user for good.
// The spawner's binary is then taken out of the configuration: one that this user started would run daughters
// as this user, who may read the token. Call before the first thread starts. Throws Error{kConfiguration}
// with one sentence.
void settlePrivileges(config::Config& config);

}  // namespace vx11
