// The one table of configuration keys: name, default as text, and how a value is read.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace vx11::config {

struct Key {
  std::string_view name;  // "http.port"; "interpreter.*.program" stands for every name at the star
  std::string_view
      fallback;  // the default as it stands in config/vx11d.properties; empty: worked out at start
  // Stores the value. Throws std::invalid_argument with what is expected ("a whole number from 0 to 65535").
  // `star` is the part that stood at the star.
  std::function<void(Config&, const std::string& value, const std::string& star)> read;
};

std::span<const Key> keys();

// The key for a name, with the text at its star; nullptr where there is none.
struct KeyMatch {
  const Key* key = nullptr;
  std::string star;
};
KeyMatch findKey(std::string_view name);

}  // namespace vx11::config
