// GET /health and GET /vx11/status.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response health(const Services& services, const http::Request& request);
http::Response status(const Services& services, const http::Request& request);

}  // namespace vx11::api
