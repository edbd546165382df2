// Who may come in: the token, and the Host and Origin fields that keep browsers' pages out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace vx11::http {

// The token that was sent in X-VX11-Token or, without it, in Authorization: Bearer; empty where there is
// none.
std::string_view tokenOf(const Request& request);

// Refuses a Host outside `allowed` (compared without port and case) and an Origin other than http://<Host>: a
// page of another site must not reach a door that runs code, not even by a DNS name that it points at this
// machine. Throws Error{kForbidden}.
void checkHostAndOrigin(const Request& request, const std::vector<std::string>& allowed);

}  // namespace vx11::http
