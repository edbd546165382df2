// The Range field of RFC 9110, section 14: of several ranges, and of units other than bytes, nothing is
// served but the whole, as that document allows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vx11::http {

struct ByteRange {
  uint64_t first = 0;
  uint64_t length = 0;  // 0: nothing of it is there (416)
};

// `field`: the header's value. nullopt where it is to be ignored: malformed, or not one range of bytes.
std::optional<ByteRange> parseRange(std::string_view field, uint64_t size);

}  // namespace vx11::http
