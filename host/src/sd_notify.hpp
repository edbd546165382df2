// systemd's notification protocol: sd_notify(3) without its library.
#pragma once

#include <string_view>

namespace vx11 {

// Sends one message ("READY=1") to $NOTIFY_SOCKET. Does nothing where there is none; never throws.
void sdNotify(std::string_view message) noexcept;

}  // namespace vx11
