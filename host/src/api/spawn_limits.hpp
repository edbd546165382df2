// `limits` and `on_output_limit` of POST /vx11/spawn.
#pragma once

#include "base/json.hpp"
#include "base/plan.hpp"

namespace vx11::api {

// What is wrong with them goes into `fields`: an unknown limit always, for one that is passed over is none.
PlanLimits decodeLimits(json::Fields& fields);

}  // namespace vx11::api
