// GET /vx11/spawns
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response listSpawns(const Services& services, const http::Request& request);

}  // namespace vx11::api
