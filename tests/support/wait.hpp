// Waiting for something that no event announces: look again until a deadline.
#pragma once

#include <chrono>
#include <thread>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define VX11_TEST_SANITIZED 1
#else
#define VX11_TEST_SANITIZED 0
#endif

namespace vx11::test {

// Everything is slower under a sanitizer, and on a machine that runs other tests at the same time.
inline constexpr int kSlowness = VX11_TEST_SANITIZED ? 4 : 1;
inline constexpr std::chrono::milliseconds kDeadline{20'000 * kSlowness};

// True as soon as `condition()` holds, false when it did not until the deadline.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds deadline = kDeadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace vx11::test
