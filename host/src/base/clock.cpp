#include "base/clock.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.hpp"

namespace vx11 {

namespace {

std::string formatTime(WallTime t, char separator) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  const auto micros = (t - seconds).count();
  const time_t whole = seconds.time_since_epoch().count();
  tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 80> text{};
  const int length = snprintf(text.data(), text.size(), "%04d-%02d-%02d%c%02d:%02d:%02d.%06d",
                              parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, separator, parts.tm_hour,
                              parts.tm_min, parts.tm_sec, static_cast<int>(micros));
  return {text.data(), static_cast<size_t>(length)};
}

}  // namespace

WallTime wallNow() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

int64_t bootTimeNs() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

const std::string& bootId() {
  static const std::string id = [] {
    // Not through a stream: the spawner links this too, and iostream would double its size.
    const UniqueFd file(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    std::array<char, 64> bytes{};
    const ssize_t size = file ? read(file.get(), bytes.data(), bytes.size()) : -1;
    const std::string_view text(bytes.data(), size > 0 ? static_cast<size_t>(size) : 0);
    const auto line = text.substr(0, text.find('\n'));
    return line.empty() ? std::string("unknown") : std::string(line);
  }();
  return id;
}

std::string isoTime(WallTime t) {
  return formatTime(t, 'T');
}
std::string sqlTime(WallTime t) {
  return formatTime(t, ' ');
}

std::optional<WallTime> parseTime(std::string_view text) {
  if (text.size() != 26) return std::nullopt;
  tm parts{};
  int micros = 0;
  char separator = 0;
  int consumed = 0;
  const std::string copy(text);
  const int fields =
      sscanf(copy.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d.%6d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
             &separator, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &micros, &consumed);
  if (fields != 8 || consumed != 26 || (separator != 'T' && separator != ' ')) return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return wallFromMicros(timegm(&parts) * 1'000'000LL + micros);
}

std::optional<WallTime> parseUtc(std::string_view text) {
  constexpr std::string_view kBeginning = "0000-00-00T00:00:00.000000";
  if (text.ends_with('Z')) text.remove_suffix(1);
  constexpr size_t kDay = 10;
  constexpr size_t kSecond = 19;
  if (text.size() != kDay && text.size() != kSecond &&
      (text.size() < kSecond + 2 || text.size() > kBeginning.size()))
    return std::nullopt;
  const auto whole = std::string(text) + std::string(kBeginning.substr(text.size()));
  const auto time = parseTime(whole);
  // The 30th of February would become the 2nd of March.
  return time && isoTime(*time) == whole ? time : std::nullopt;
}

}  // namespace vx11
