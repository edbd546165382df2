// The table of routes.
#pragma once

#include <vector>

#include "api/services.hpp"
#include "http/router.hpp"

namespace vx11::api {

// `services` must outlive the routes.
std::vector<http::Route> routes(const Services& services);

}  // namespace vx11::api
