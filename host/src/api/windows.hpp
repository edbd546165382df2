// The three calls of the policy windows, and the answer to what a closed one denies.
#pragma once

#include <string>

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

http::Response openWindow(const Services& services, const http::Request& request);
http::Response closeWindow(const Services& services, const http::Request& request);
http::Response windowStatus(const Services& services, const http::Request& request);

// A curl line that opens `target`, ready to be pasted where $TOKEN is set.
std::string openHint(const Services& services, const std::string& target);

}  // namespace vx11::api
