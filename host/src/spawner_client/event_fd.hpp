// An eventfd: one thread signals, another one's poll() wakes.
#pragma once

#include "base/unique_fd.hpp"

namespace vx11::spawner_client {

class EventFd {
 public:
  EventFd();  // throws Error{kConfiguration} where there is no descriptor left

  int get() const { return fd_.get(); }
  void signal() const noexcept;  // any thread; readable from now on
  void clear() const noexcept;   // the polling thread; not readable until the next signal

 private:
  UniqueFd fd_;
};

}  // namespace vx11::spawner_client
