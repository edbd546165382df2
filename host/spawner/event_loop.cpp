#include "spawner/event_loop.hpp"

#include <errno.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <climits>
#include <utility>

#include "spawner/failure.hpp"

namespace vx11::spawner {

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw CannotStart("epoll_create1: " + errnoText(errno));
}

int EventLoop::timeoutMs() const {
  if (alarms_.empty()) return -1;
  // Rounded up: a deadline may come late by a millisecond, never early.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(alarms_.begin()->first - monoNow()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
}

void EventLoop::turn() {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeoutMs());
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<size_t>(i)];
    const auto found = handlers_.find(event.data.u64);
    if (found == handlers_.end()) continue;
    const auto handler = found->second;  // keeps it alive should it end its own watch
    (*handler)(event.events);
  }
  fireTimers();
}

void EventLoop::fireTimers() {
  if (alarms_.empty()) return;
  // Only what was due at the start: a timer that arms itself again for now must not keep descriptors waiting.
  const auto now = monoNow();
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    const auto callback = alarms_.begin()->second;  // keeps it alive should it end its own timer
    (*callback)();
  }
}

Watch::Watch(EventLoop& loop, int fd, uint32_t events, std::function<void(uint32_t)> handler)
    : loop_(&loop), fd_(fd), number_(++loop.last_watch_) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number_;
  if (epoll_ctl(loop.epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    loop_ = nullptr;
    throw CannotLaunch("epoll_ctl: " + errnoText(errno), true);
  }
  loop.handlers_.emplace(number_, std::make_shared<EventLoop::Handler>(std::move(handler)));
}

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this == &other) return *this;
  reset();
  loop_ = std::exchange(other.loop_, nullptr);
  fd_ = other.fd_;
  number_ = other.number_;
  return *this;
}

void Watch::change(uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number_;
  epoll_ctl(loop_->epoll_.get(), EPOLL_CTL_MOD, fd_, &event);
}

void Watch::reset() {
  if (loop_ == nullptr) return;
  epoll_ctl(loop_->epoll_.get(), EPOLL_CTL_DEL, fd_, nullptr);
  loop_->handlers_.erase(number_);
  loop_ = nullptr;
}

Timer::Timer(EventLoop& loop, std::function<void()> callback) : loop_(loop) {
  callback_ = std::make_shared<std::function<void()>>([this, action = std::move(callback)] {
    disarm();
    action();
  });
}

void Timer::arm(MonoTime when) {
  disarm();
  place_ = loop_.alarms_.emplace(std::max(when, monoNow()), callback_);
}

void Timer::disarm() {
  if (place_) loop_.alarms_.erase(*place_);
  place_.reset();
}

}  // namespace vx11::spawner
