// POST /vx11/spawns/batch: many tasks, all of them or none.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response spawnBatch(const Services& services, const http::Request& request);

}  // namespace vx11::api
