#include "store/row.hpp"

#include <Poco/Data/LOB.h>

#include "base/error.hpp"

namespace vx11::store {

std::optional<int64_t> Row::maybeInteger() {
  Poco::Int64 value = 0;
  if (!columns_.extract(next_++, value)) return std::nullopt;
  return value;
}

std::optional<int> Row::maybeInt() {
  const auto value = maybeInteger();
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

double Row::real() {
  double value = 0;
  columns_.extract(next_++, value);
  return value;
}

std::optional<std::string> Row::maybeText() {
  std::string value;
  if (!columns_.extract(next_++, value)) return std::nullopt;
  return value;
}

std::optional<std::string> Row::maybeBytes() {
  Poco::Data::BLOB value;
  if (!columns_.extract(next_++, value)) return std::nullopt;
  return std::string(value.begin(), value.end());
}

std::optional<WallTime> Row::maybeTime() {
  const auto value = maybeText();
  if (!value) return std::nullopt;
  const auto time = parseTime(*value);
  if (!time) {
    throw Error(ErrorCode::kStorage, "The database holds '" + *value +
                                         "' where a time is expected (YYYY-MM-DD HH:MM:SS.ffffff, UTC).");
  }
  return time;
}

}  // namespace vx11::store
