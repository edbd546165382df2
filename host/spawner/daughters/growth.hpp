// Tells the host how much there is to read of a daughter that it follows.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "spawner/event_loop.hpp"

namespace vx11::spawner {

class Growth {
 public:
  // `tell` says how much there is by now; false where that must be tried again later.
  Growth(EventLoop& loop, std::function<bool()> tell);

  // At once, and from now on whenever there is more.
  void begin();
  void end();
  // There may be more.
  void note();

 private:
  void tell();

  std::function<bool()> tell_;
  Timer timer_;
  bool on_ = false;
  MonoTime told_{};
};

}  // namespace vx11::spawner
