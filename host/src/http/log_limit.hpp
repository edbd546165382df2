// Keeps a flood of equal events from filling the log: a few lines a second, and the count of those left out.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace vx11::http {

// Thread-safe.
class LogLimit {
 public:
  explicit LogLimit(uint64_t lines_per_second) : limit_(lines_per_second) {}

  // The number of events left out since the last line where this one may be written; nullopt where it may
  // not.
  std::optional<uint64_t> admit() {
    const std::lock_guard lock(mutex_);
    const auto now = monoNow();
    if (now - second_ >= std::chrono::seconds(1)) {
      second_ = now;
      lines_ = 0;
    }
    if (lines_ >= limit_) {
      ++left_out_;
      return std::nullopt;
    }
    ++lines_;
    return std::exchange(left_out_, 0);
  }

 private:
  const uint64_t limit_;
  std::mutex mutex_;
  MonoTime second_{};
  uint64_t lines_ = 0;
  uint64_t left_out_ = 0;
};

}  // namespace vx11::http
