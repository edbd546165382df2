#include "api/stream_position.hpp"

#include <charconv>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace vx11::api {

namespace {

constexpr std::string_view kSpawn = "spawn-";

[[noreturn]] void refuse() {
  constexpr const char* kShape =
      "must be the id of an event of this stream, as stdout:120,stderr:7,spawn-1f2e3d4c";
  throw Error(ErrorCode::kInvalidField, std::string("Last-Event-ID ") + kShape,
              std::vector<FieldError>{{"Last-Event-ID", kShape}});
}

template <class Number>
Number numberIn(std::string_view digits) {
  Number number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, number);
  if (failure != std::errc() || stop != end || number < 0) refuse();
  return number;
}

std::optional<std::string_view> behind(std::string_view text, std::string_view start) {
  return text.starts_with(start) ? std::optional(text.substr(start.size())) : std::nullopt;
}

}  // namespace

std::string print(const StreamPosition& position) {
  auto id = "stdout:" + std::to_string(position.out) + ",stderr:" + std::to_string(position.err) + "," +
            position.spawn_id;
  if (position.attempt > 1) id += "." + std::to_string(position.attempt);
  return id;
}

StreamPosition parsePosition(const std::string& id) {
  StreamPosition position;
  position.attempt = 1;
  std::string_view rest = id;
  while (true) {
    const auto part = rest.substr(0, rest.find(','));
    if (const auto out = behind(part, "stdout:")) {
      position.out = numberIn<uint64_t>(*out);
    } else if (const auto err = behind(part, "stderr:")) {
      position.err = numberIn<uint64_t>(*err);
    } else if (part.starts_with(kSpawn)) {
      const auto dot = part.find('.');
      position.spawn_id = part.substr(0, dot);
      if (dot != std::string_view::npos) position.attempt = numberIn<int64_t>(part.substr(dot + 1));
    } else {
      refuse();
    }
    if (part.size() == rest.size()) return position;
    rest.remove_prefix(part.size() + 1);
  }
}

}  // namespace vx11::api
