// The tokens that open the door: in a file that is made at the first start, and read again when it changes.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace vx11::policy {

// The first line of the file, trimmed, of any length, is a token itself. Each later line that begins with
// "sha256:" stands for another one: 64 hex digits of its SHA-256, a blank, its name. Other lines say nothing.
class Tokens {
 public:
  // Makes the file (0600, 64 hex digits) where it is not there. Throws Error{kConfiguration} with one
  // sentence: unreadable, empty, a file that others may read.
  explicit Tokens(std::filesystem::path file);

  // In constant time for a given length of `presented`. Thread-safe. A file that has changed since is read
  // first; one that cannot be accepted any more changes nothing, and is logged once.
  bool match(std::string_view presented);

 private:
  struct Content {
    std::string secret;
    std::vector<std::string> hashes;  // 32 bytes each
  };
  Content read();
  bool changed() const;
  void readAgain();
  bool matches(std::string_view presented) const;  // with mutex_ held

  const std::filesystem::path file_;
  std::shared_mutex mutex_;
  Content content_;
  struct stat seen_ {};  // of the file when it was read
};

}  // namespace vx11::policy
