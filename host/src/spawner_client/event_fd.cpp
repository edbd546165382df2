#include "spawner_client/event_fd.hpp"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.hpp"

namespace vx11::spawner_client {

EventFd::EventFd() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_) throw Error(ErrorCode::kConfiguration, "No descriptor is left: raise the limit of open files.");
}

// Both calls can only fail in ways that leave the counter as wanted: full is readable, empty is clear.
void EventFd::signal() const noexcept {
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = write(fd_.get(), &one, sizeof one);
}

void EventFd::clear() const noexcept {
  uint64_t count = 0;
  [[maybe_unused]] const auto taken = read(fd_.get(), &count, sizeof count);
}

}  // namespace vx11::spawner_client
