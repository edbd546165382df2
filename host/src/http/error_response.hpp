// The one table from an error to its answer: status, stable code and problem+json (RFC 9457) with the members
// that VX11's clients read: error, status_code, correlation_id, timestamp, and hint and errors where they
// help.
#pragma once

#include <exception>
#include <string>

#include "base/error.hpp"
#include "http/message.hpp"

namespace vx11::http {

// `instance` is the request's path. Never throws.
Response errorResponse(const Error& error, const std::string& instance,
                       const std::string& correlation_id) noexcept;

// Any exception: Error as above, everything else is 500 `internal` without its text. 500 and 503
// are logged with their reason, at most 20 lines a second.
Response errorResponse(const std::exception_ptr& failure, const std::string& instance,
                       const std::string& correlation_id) noexcept;

// The stable code of the wire ("auth_required") and the HTTP status of an error code.
const char* errorName(ErrorCode code) noexcept;
int errorStatus(ErrorCode code) noexcept;

}  // namespace vx11::http
