// POST /vx11/backups: a copy of everything that this host remembers, made while it works.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

// In the folder `backups` of the state directory, by the time of the call; one at a time.
http::Response makeBackup(const Services& services, const http::Request& request);

}  // namespace vx11::api
