// GET /vx11/agents
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response agents(const Services& services, const http::Request& request);

}  // namespace vx11::api
