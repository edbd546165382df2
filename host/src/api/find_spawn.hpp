// Any id that a caller has finds the one spawn that it stands for.
#pragma once

#include <chrono>
#include <string>

#include "api/services.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

// QUEUED, RUNNING, DONE or ERROR.
const char* apiStatus(const tasks::View& view);

// By spawn id or uuid, else by correlation id. Throws Error: kInvalidField where it cannot be an id,
// kNotFound, kAmbiguousId with the matches where it stands for several.
tasks::View findSpawn(const Services& services, const std::string& id);

// The same task after at most `wait`, or as soon as it has ended. Of the one that was looked at: to look for
// it again would miss one that ends in between.
tasks::View awaitEnd(const Services& services, tasks::View view, std::chrono::seconds wait);

}  // namespace vx11::api
