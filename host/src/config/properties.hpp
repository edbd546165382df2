// The .properties form: `key = value` a line, `#` begins a comment line, blanks around both are dropped.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vx11::config {

struct Property {
  std::string key;
  std::string value;
  std::string origin;  // "FILE:LINE", for error messages
};

// Throws Error{kConfiguration} for a file that cannot be read or a line without `=`.
std::vector<Property> readProperties(const std::filesystem::path& file);

}  // namespace vx11::config
