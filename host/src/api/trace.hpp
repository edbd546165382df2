// What happened when: of one task, and of all that share a correlation id.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

// GET /vx11/spawns/{id}/events
http::Response spawnEvents(const Services& services, const http::Request& request);

// GET /vx11/trace/{id}: tasks, their events as one line, and the rows of evidence. With ?format=perfetto the
// spans in the JSON Trace Event Format, which ui.perfetto.dev and chrome://tracing open.
http::Response trace(const Services& services, const http::Request& request);

}  // namespace vx11::api
