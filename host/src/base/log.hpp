// One line a step, for people and for grep: `2026-01-02T00:55:49.253550 info event=spawn.accepted
// trace_id=…`.
//
// Lines go to stderr (journald adds nothing that is lost elsewhere) in one write(2) each, so that lines of
// several threads never mix. Values with spaces, quotes or control characters are quoted and escaped: a
// client cannot forge a line. Thread-safe; never throws; blocks only as long as stderr does.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace vx11::log {

enum class Level { kInfo, kWarning, kError };

// One key=value of a line. The value is copied.
struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <class Number>
  requires std::is_arithmetic_v<Number> Field(std::string_view k, Number v)
      : key(k), value(std::to_string(v)) {}

  std::string_view key;
  std::string value;
};

void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kInfo, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kWarning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kError, event, fields);
}

// The line as write() prints it, without time and level; for tests and for the spawner's own log file.
std::string format(std::string_view event, std::initializer_list<Field> fields);

// Sends lines to another descriptor than stderr; it must stay open. Call before the first thread starts.
void setDescriptor(int fd);

}  // namespace vx11::log
