#include "base/id.hpp"

#include <errno.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>

namespace vx11 {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool isLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return kHexDigits.find(c) != std::string_view::npos; });
}

bool isAllZero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string newUuid() {
  std::array<uint8_t, 16> bytes{};
  // At most 256 bytes are never cut short; EINTR can only come before the kernel's pool is ready.
  while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHexDigits[bytes[i] >> 4];
    text += kHexDigits[bytes[i] & 0x0f];
  }
  return text;
}

bool isUuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == '-' ? text[i] == '-' : kHexDigits.find(text[i]) != std::string_view::npos;
    if (!fits) return false;
  }
  return true;
}

std::string spawnIdOf(std::string_view uuid) {
  return "spawn-" + std::string(uuid.substr(0, 8));
}

bool isCorrelationId(std::string_view text) {
  if (text.empty() || text.size() > 128) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
}

bool isTraceparent(std::string_view text) {
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-') return false;
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  return isLowerHex(trace) && isLowerHex(parent) && isLowerHex(text.substr(53)) && !isAllZero(trace) &&
         !isAllZero(parent);
}

}  // namespace vx11
