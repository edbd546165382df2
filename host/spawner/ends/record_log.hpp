// The append-only file of exit records: what ended survives the death of any process.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

// Each record is (length u32, CRC-32 of the payload u32, payload), numbers little-endian. A torn or damaged
// tail ends the reading: everything before it counts. Not thread-safe; the directory is locked by its user.
class RecordLog {
 public:
  static constexpr const char* kFileName = "records.log";

  // `directory` must outlive it. Throws CannotStart where the file cannot be used.
  explicit RecordLog(int directory);

  // The payloads that were in the file when it was opened, in order.
  std::vector<std::string> takeFound() { return std::move(found_); }

  // False where it could not be written as a whole; the file is then as before.
  bool append(std::string_view payload);
  // To the disk itself. False, with errno, where it may not have got there.
  bool sync();
  uint64_t bytes() const { return bytes_; }
  // Replaces all by these. False where the old file stays.
  bool rewrite(const std::vector<std::string>& payloads);

 private:
  void read();

  int directory_;
  UniqueFd file_;
  uint64_t bytes_ = 0;
  std::vector<std::string> found_;
};

}  // namespace vx11::spawner
