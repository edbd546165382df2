#include "plugins/abi_text.hpp"

#include "base/text.hpp"

namespace vx11::plugins {

namespace {

constexpr size_t kMaxReadableBytes = 4096;

}  // namespace

std::optional<std::string_view> viewOf(vx11_str_t text) {
  if (text.n == 0) return std::string_view{};
  if (text.p == nullptr) return std::nullopt;
  return std::string_view(text.p, text.n);
}

std::string readable(vx11_str_t text) {
  const auto view = viewOf(text).value_or(std::string_view{}).substr(0, kMaxReadableBytes);
  return text::isUtf8(view) ? std::string(view) : text::escapeInvalidUtf8(view);
}

}  // namespace vx11::plugins
