// GET /vx11/db/summary.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response summary(const Services& services, const http::Request& request);

}  // namespace vx11::api
