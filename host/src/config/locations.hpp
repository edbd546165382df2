// Where things lie when the configuration does not say: worked out from who we are and where our binary is.
#pragma once

#include "config/config.hpp"

namespace vx11::config {

// Fills every path that is still empty. Throws Error{kConfiguration} when there is no home to keep state in.
void fillLocations(Config& config);

}  // namespace vx11::config
