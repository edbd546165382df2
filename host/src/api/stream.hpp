// GET /vx11/spawns/{id}/stream: what a task writes, as server-sent events (HTML Living Standard, 9.2).
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

// Events "stdout" and "stderr" with {"text":…}, or {"base64":…} where it is not UTF-8; "attempt" where the
// task is tried again, whose output begins anew; "end" with the result. A stream that breaks off without
// "end" is to be asked for again, with Last-Event-ID.
http::Response stream(const Services& services, const http::Request& request);

}  // namespace vx11::api
