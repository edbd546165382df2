// What a plugin gets from the host: the object passed to its entry function, and the services behind it.
#pragma once

#include <vx11/host.h>

#include <string>

namespace vx11::plugins {

// The host as one plugin sees it; `plugin_id` stands in its log lines. Lives until the process ends, for the
// plugin may keep the pointer. Thread-safe.
const vx11_host_t* hostFor(const std::string& plugin_id);

// "0.1.0", as in answers and refusals.
const char* hostVersion();

}  // namespace vx11::plugins
