#include "base/log.hpp"

#include <stdio.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "base/clock.hpp"

namespace vx11::log {

namespace {

std::atomic<int> descriptor{STDERR_FILENO};

bool needsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '\\' || c == '=') return true;
  }
  return false;
}

void appendValue(std::string& line, std::string_view value) {
  if (!needsQuotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (c == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 5> escape{};
      snprintf(escape.data(), escape.size(), "\\x%02x", byte);
      line += escape.data();
    } else {
      line += c;
    }
  }
  line += '"';
}

std::string_view levelName(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

}  // namespace

std::string format(std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "event=";
  line += event;
  for (const auto& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    appendValue(line, field.value);
  }
  return line;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = isoTime(wallNow());
  line += ' ';
  line += levelName(level);
  line += ' ';
  line += format(event, fields);
  line += '\n';
  // A log that cannot be written must not stop the host: there is nobody left to tell.
  [[maybe_unused]] const auto written =
      ::write(descriptor.load(std::memory_order_relaxed), line.data(), line.size());
}

void setDescriptor(int fd) {
  descriptor = fd;
}

}  // namespace vx11::log
