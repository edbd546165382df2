#include "config/properties.hpp"

#include <errno.h>
#include <string.h>

#include <fstream>

#include "base/error.hpp"

namespace vx11::config {

namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

// Poco's PropertyFileConfiguration would do, but it keeps no line numbers, and an operator who mistyped a key
// wants to be told the line.
std::vector<Property> readProperties(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file);
  if (!stream || std::filesystem::is_directory(file)) {
    throw Error(ErrorCode::kConfiguration, "cannot read the configuration file " + file.string() + ": " +
                                               (errno != 0 ? strerror(errno) : "not a file"));
  }
  std::vector<Property> properties;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    const auto text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const auto origin = file.string() + ":" + std::to_string(number);
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorCode::kConfiguration, origin + ": expected key = value, found \"" + text + "\"");
    }
    properties.push_back({trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1)), origin});
  }
  return properties;
}

}  // namespace vx11::config
