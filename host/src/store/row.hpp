// One row of an answer, its columns taken from left to right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <Poco/Data/AbstractExtractor.h>

#include "base/clock.hpp"

namespace vx11::store {

// Valid only during the call that hands it out. Each getter takes the next column.
class Row {
 public:
  explicit Row(Poco::Data::AbstractExtractor& columns) : columns_(columns) {}

  int64_t integer() { return maybeInteger().value_or(0); }  // NULL: 0
  std::optional<int64_t> maybeInteger();
  std::optional<int> maybeInt();
  double real();
  std::string text() { return maybeText().value_or(std::string()); }  // NULL: empty
  // Poco cuts TEXT at the first NUL: columns that may hold one are BLOBs.
  std::optional<std::string> maybeText();
  std::optional<std::string> maybeBytes();
  WallTime time() { return maybeTime().value_or(WallTime()); }
  // Throws Error{kStorage} where the text is no time.
  std::optional<WallTime> maybeTime();

 private:
  Poco::Data::AbstractExtractor& columns_;
  size_t next_ = 0;
};

}  // namespace vx11::store
