// The bytes of an answer's head.
#pragma once

#include <string>

#include "http/message.hpp"

namespace vx11::http {

// Status line and header fields, with the empty line that ends them. `correlation_id` is the request's, used
// where the response names none of its own.
std::string renderHead(const Response& response, const std::string& correlation_id, bool keep_alive);

// False for the statuses that never carry a body (204, 304): no length is sent with them.
bool mayHaveBody(int status);

}  // namespace vx11::http
