#include "http/range.hpp"

#include <algorithm>
#include <charconv>

#include <Poco/String.h>

namespace vx11::http {

namespace {

// nullopt for anything but digits. What is too large for the type is as good as the largest.
std::optional<uint64_t> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  uint64_t value = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc::result_out_of_range ? UINT64_MAX : value;
}

}  // namespace

std::optional<ByteRange> parseRange(std::string_view field, uint64_t size) {
  const auto equals = field.find('=');
  if (equals == std::string_view::npos || Poco::icompare(std::string(field.substr(0, equals)), "bytes") != 0)
    return std::nullopt;
  const std::string spec = Poco::trim(std::string(field.substr(equals + 1)));
  const auto dash = spec.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto begin = std::string_view(spec).substr(0, dash);
  const auto end = std::string_view(spec).substr(dash + 1);
  if (begin.empty()) {
    const auto suffix = number(end);
    // Of nothing the last bytes are nothing too, which is the whole.
    if (!suffix || (size == 0 && *suffix > 0)) return std::nullopt;
    const auto length = std::min(*suffix, size);
    return ByteRange{size - length, length};
  }
  const auto first = number(begin);
  const auto last = end.empty() ? UINT64_MAX : number(end);
  if (!first || !last || *last < *first) return std::nullopt;
  if (*first >= size) return ByteRange{};
  return ByteRange{*first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace vx11::http
