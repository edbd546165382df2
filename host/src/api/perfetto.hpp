// A timeline as a trace viewer opens it.
#pragma once

#include <string>

#include "api/timeline.hpp"
#include "http/message.hpp"

namespace vx11::api {

// The JSON Trace Event Format ("Trace Event Format", Google, 2016): one process for the correlation id, one
// thread a task, complete events for the spans, instants for the rest. Times in microseconds since 1970.
http::Response perfettoTrace(const Timeline& line, const std::string& correlation_id);

}  // namespace vx11::api
