#include "api/exposition.hpp"

#include <array>
#include <charconv>

namespace vx11::api {

namespace {

std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

void Exposition::metric(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help);
  text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::sample(double value, const Labels& labels, std::string_view suffix) {
  text_.append(name_).append(suffix);
  if (!labels.empty()) {
    char before = '{';
    for (const auto& [name, label] : labels) {
      text_ += before;
      text_.append(name).append("=\"").append(escaped(label)).append("\"");
      before = ',';
    }
    text_ += '}';
  }
  std::array<char, 32> number{};
  const auto end = std::to_chars(number.data(), number.data() + number.size(), value).ptr;
  text_.append(" ").append(number.data(), end).append("\n");
}

void Exposition::single(std::string_view name, std::string_view type, std::string_view help, double value) {
  metric(name, type, help);
  sample(value);
}

}  // namespace vx11::api
