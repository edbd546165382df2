// Wall time for people and rows, monotonic time for deadlines. Wall time never decides how long something
// lasts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vx11 {

// UTC, microseconds since 1970: the resolution of the database and of the wire.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using MonoTime = std::chrono::steady_clock::time_point;

WallTime wallNow();
inline MonoTime monoNow() {
  return std::chrono::steady_clock::now();
}

// Nanoseconds of CLOCK_BOOTTIME: goes on during suspend, does not jump when the clock is set. Comparable only
// within one boot (see bootId).
int64_t bootTimeNs();

// The kernel's /proc/sys/kernel/random/boot_id, read once; "unknown" where it cannot be read.
const std::string& bootId();

// 2026-01-02T00:55:49.253550, the form of the JSON answers.
std::string isoTime(WallTime t);
// 2026-01-02 00:55:49.253550, the form of the database.
std::string sqlTime(WallTime t);
// Parses either form; nullopt where the text is neither.
std::optional<WallTime> parseTime(std::string_view text);
// What people write: the JSON answers' form, or shorter by its fraction, its fraction's end or its time of
// day, and with or without a Z. nullopt also for a day or an hour that does not exist.
std::optional<WallTime> parseUtc(std::string_view text);

inline WallTime wallFromMicros(int64_t micros) {
  return WallTime(std::chrono::microseconds(micros));
}
inline int64_t microsOf(WallTime t) {
  return t.time_since_epoch().count();
}

}  // namespace vx11
