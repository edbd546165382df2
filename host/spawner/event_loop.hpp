// epoll and timers for one thread. Handlers may destroy any watch or timer, their own included.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"

namespace vx11::spawner {

class EventLoop {
 public:
  // Throws CannotStart.
  EventLoop();

  // Waits for descriptors and timers, then calls what is due. Handlers run one after the other.
  void turn();

 private:
  friend class Watch;
  friend class Timer;
  using Handler = std::function<void(uint32_t)>;
  using Callback = std::function<void()>;
  using Alarms = std::multimap<MonoTime, std::shared_ptr<Callback>>;

  int timeoutMs() const;
  void fireTimers();

  UniqueFd epoll_;
  // Events name a watch by number, not by address: one that went away in the same turn is simply not found.
  std::unordered_map<uint64_t, std::shared_ptr<Handler>> handlers_;
  uint64_t last_watch_ = 0;
  Alarms alarms_;
};

// Calls `handler` with epoll's events, level-triggered, as long as it lives. Must end before the descriptor
// does.
class Watch {
 public:
  Watch() = default;
  // Throws CannotLaunch where the kernel has no memory or watches left.
  Watch(EventLoop& loop, int fd, uint32_t events, std::function<void(uint32_t)> handler);
  Watch(Watch&& other) noexcept { *this = std::move(other); }
  Watch& operator=(Watch&& other) noexcept;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { reset(); }

  explicit operator bool() const { return loop_ != nullptr; }
  void change(uint32_t events);
  void reset();

 private:
  EventLoop* loop_ = nullptr;
  int fd_ = -1;
  uint64_t number_ = 0;
};

// Calls `callback` once for each arm(), never before its time.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> callback);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  void arm(MonoTime when);  // replaces an earlier time
  void disarm();
  bool armed() const { return place_.has_value(); }

 private:
  EventLoop& loop_;
  std::shared_ptr<std::function<void()>> callback_;
  std::optional<EventLoop::Alarms::iterator> place_;
};

}  // namespace vx11::spawner
