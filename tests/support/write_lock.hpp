// Another process that writes into the host's database: as long as this lives, the host cannot.
#pragma once

#include <filesystem>
#include <memory>

struct sqlite3;

namespace vx11::test {

// Waits for its turn, at most until the usual deadline of tests. Throws std::runtime_error with SQLite's
// message. Not thread-safe.
class WriteLock {
 public:
  explicit WriteLock(const std::filesystem::path& file);

 private:
  struct Close {
    void operator()(sqlite3* database) const;  // which rolls back
  };
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace vx11::test
