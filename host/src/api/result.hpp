// GET /vx11/result/{id}, and the form in which a task is told everywhere.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

http::Response result(const Services& services, const http::Request& request);

// QUEUED, RUNNING, DONE or ERROR.
const char* apiStatus(const tasks::View& view);
json::ObjectPtr encodeResult(const tasks::View& view);

}  // namespace vx11::api
