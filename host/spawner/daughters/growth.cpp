#include "spawner/daughters/growth.hpp"

#include <utility>

namespace vx11::spawner {

namespace {

// Readers see output at once that comes now and then, and of a flood no more than they can use.
constexpr std::chrono::milliseconds kPause{5};

}  // namespace

Growth::Growth(EventLoop& loop, std::function<bool()> tell)
    : tell_(std::move(tell)), timer_(loop, [this] { this->tell(); }) {}

void Growth::begin() {
  on_ = true;
  tell();
}

void Growth::end() {
  on_ = false;
  timer_.disarm();
}

void Growth::note() {
  if (!on_ || timer_.armed()) return;
  const MonoTime due = told_ + kPause;
  if (monoNow() >= due)
    tell();
  else
    timer_.arm(due);
}

void Growth::tell() {
  told_ = monoNow();
  if (!tell_()) timer_.arm(told_ + kPause);
}

}  // namespace vx11::spawner
