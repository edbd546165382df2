// Work that the kernel takes long over, such as freeing gigabytes, without holding up the loop.
#pragma once

#include <functional>

#include "base/unique_fd.hpp"
#include "spawner/event_loop.hpp"

namespace vx11::spawner {

// One call at a time, in a forked copy of ours, which is killed when we die.
class ForkedCall {
 public:
  explicit ForkedCall(EventLoop& loop) : loop_(loop) {}

  // `work` may use system calls, what it has captured and the descriptor `kept` (-1: none), no other
  // descriptor, no locks and no output; what it does to memory is lost. `done` is called from the loop when
  // it is over, whether it succeeded or was killed: look again. False where no process or descriptor can be
  // had, or a call is under way: nothing happens then.
  bool begin(int kept, const std::function<void()>& work, std::function<void()> done);
  bool running() const { return static_cast<bool>(pidfd_); }

 private:
  EventLoop& loop_;
  UniqueFd pidfd_;
  Watch watch_;
};

}  // namespace vx11::spawner
