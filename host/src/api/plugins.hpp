// GET /vx11/plugins.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response listPlugins(const Services& services, const http::Request& request);

}  // namespace vx11::api
