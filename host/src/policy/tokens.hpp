// The token that opens the door: read once from its file, made there at the first start.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace vx11::policy {

class Token {
 public:
  // Reads the first line of the file, trimmed, any length. Makes the file (0600, 64 hex digits) where it is
  // not there. Throws Error{kConfiguration} with one sentence: unreadable, empty, a file that others may
  // read.
  static Token fromFile(const std::filesystem::path& file);

  // In constant time for a given length of `presented`. Thread-safe.
  bool matches(std::string_view presented) const;

 private:
  explicit Token(std::string secret) : secret_(std::move(secret)) {}
  std::string secret_;
};

}  // namespace vx11::policy
