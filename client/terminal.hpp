// What people look at: colours on a terminal only, and tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vx11::client {

enum class Colour { kGood, kBad, kBusy, kFaint };

// `text` in that colour where standard output is a terminal and NO_COLOR (no-color.org) is not set; else as
// it is.
std::string inColour(Colour colour, const std::string& text);
// The same for standard error.
std::string inColourOnError(Colour colour, const std::string& text);

struct Column {
  std::string title;
  bool right = false;  // aligned to the right
};

struct Cell {
  std::string text;
  std::string shown;  // with colour; empty: as `text`
};

// Columns by their widest cell, in characters; without blanks at the ends of lines.
std::string table(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows);

// "120 us", "850 ms", "12.3 s", "4 min 5 s", "3 h 20 min", "2 d 4 h".
std::string duration(double seconds);

// Without what could move the cursor or change the terminal: control characters as \xNN.
std::string printable(std::string_view text);

}  // namespace vx11::client
