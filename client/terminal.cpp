#include "terminal.hpp"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace vx11::client {

namespace {

std::string coloured(int descriptor, Colour colour, const std::string& text) {
  const char* const no = getenv("NO_COLOR");
  if (isatty(descriptor) == 0 || (no != nullptr && *no != '\0')) return text;
  constexpr std::array<const char*, 4> kCodes{"32", "31", "33", "2"};  // ECMA-48, 8.3.117
  return std::string("\x1b[") + kCodes[static_cast<size_t>(colour)] + "m" + text + "\x1b[0m";
}

// Characters, where each takes one place.
size_t width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string inColour(Colour colour, const std::string& text) {
  return coloured(STDOUT_FILENO, colour, text);
}

std::string inColourOnError(Colour colour, const std::string& text) {
  return coloured(STDERR_FILENO, colour, text);
}

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows) {
  std::vector<size_t> widths;
  for (const auto& column : columns) widths.push_back(width(column.title));
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i].text));

  std::string all;
  const auto add = [&](const std::vector<Cell>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width(row[i].text), ' ');
      const auto& shown = row[i].shown.empty() ? row[i].text : row[i].shown;
      line += columns[i].right ? gap + shown : shown + gap;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  };
  std::vector<Cell> titles;
  for (const auto& column : columns) titles.push_back({column.title, inColour(Colour::kFaint, column.title)});
  add(titles);
  for (const auto& row : rows) add(row);
  return all;
}

std::string duration(double seconds) {
  constexpr double kMinute = 60;
  constexpr double kHour = 60 * kMinute;
  constexpr double kDay = 24 * kHour;
  const auto whole = [](double value) { return std::to_string(static_cast<long>(value)); };
  constexpr double kMilli = 1e-3;
  if (seconds < kMilli) return whole(std::round(std::max(seconds, 0.0) * 1e6)) + " us";
  if (seconds < 1) return whole(std::round(seconds / kMilli)) + " ms";
  if (seconds < kMinute) {
    std::array<char, 32> text{};
    snprintf(text.data(), text.size(), "%.1f s", std::floor(seconds * 10) / 10);
    return text.data();
  }
  if (seconds < kHour) return whole(seconds / kMinute) + " min " + whole(std::fmod(seconds, kMinute)) + " s";
  if (seconds < kDay)
    return whole(seconds / kHour) + " h " + whole(std::fmod(seconds, kHour) / kMinute) + " min";
  return whole(seconds / kDay) + " d " + whole(std::fmod(seconds, kDay) / kHour) + " h";
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      result += c;
      continue;
    }
    std::array<char, 8> code{};
    snprintf(code.data(), code.size(), "\\x%02x", byte);
    result += code.data();
  }
  return result;
}

}  // namespace vx11::client
