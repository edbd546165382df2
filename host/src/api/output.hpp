// GET /vx11/spawns/{id}/stdout and /stderr: the exact bytes.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"
#include "tasks/output.hpp"

namespace vx11::api {

http::Response output(const Services& services, const http::Request& request, tasks::Stream stream);

}  // namespace vx11::api
