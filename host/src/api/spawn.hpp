// POST /vx11/spawn.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response spawn(const Services& services, const http::Request& request);

}  // namespace vx11::api
