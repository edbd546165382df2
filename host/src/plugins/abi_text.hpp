// From the ABI's shapes to ours: text that a plugin handed over, and structs of another size than we know.
#pragma once

#include <string.h>
#include <vx11/abi.h>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace vx11::plugins {

// nullopt where the pointer is missing although the length is not 0.
std::optional<std::string_view> viewOf(vx11_str_t text);
inline vx11_str_t strOf(std::string_view text) {
  return {text.data(), text.size()};
}

// Text for logs and answers: at most 4,096 bytes, what is not UTF-8 escaped; empty for a missing pointer.
std::string readable(vx11_str_t text);

// A struct as this host knows it: what the plugin's (older, shorter) one does not have is zero, what a newer
// one has behind it is left out. `from` must not be null.
template <class Struct>
Struct prefixOf(const Struct* from) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  Struct copy{};
  const size_t size = from->struct_size < sizeof(Struct) ? from->struct_size : sizeof(Struct);
  memcpy(static_cast<void*>(&copy), from, size);
  return copy;
}

}  // namespace vx11::plugins
