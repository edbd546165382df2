// GET /metrics: this host in numbers, for Prometheus.
#pragma once

#include "api/services.hpp"
#include "http/message.hpp"

namespace vx11::api {

// Names follow prometheus.io/docs/practices/naming: base units, _total for what only grows.
http::Response metrics(const Services& services, const http::Request& request);

}  // namespace vx11::api
