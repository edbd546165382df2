// GET /vx11/result/{id}, and the forms in which a task is told everywhere.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

http::Response result(const Services& services, const http::Request& request);

json::ObjectPtr encodeResult(const tasks::View& view);
// The same without the output, for lists.
json::ObjectPtr encodeSummary(const tasks::View& view);

}  // namespace vx11::api
