// POST /vx11/spawns/{id}/cancel
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response cancel(const Services& services, const http::Request& request);

}  // namespace vx11::api
