// A plan as bytes for the database: kept from acceptance to the end, so that a task that waits survives a
// restart.
//
// Form: a version byte, then each field as a little-endian 64-bit length and its bytes, lists with their
// count first. Read only by the host that wrote it, or a later version of it.
#pragma once

#include <string>
#include <string_view>

#include "base/plan.hpp"

namespace vx11::tasks {

std::string encodePlan(const Plan& plan);

// Throws Error{kStorage} for bytes that encodePlan did not make.
Plan decodePlan(std::string_view bytes);

}  // namespace vx11::tasks
