// Looks into the live database as an operator would: read-only, beside the running host.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace vx11::test {

// Each call sees what is committed at its time. Throws std::runtime_error with SQLite's message. Not
// thread-safe.
class SqliteReader {
 public:
  using Cell = std::optional<std::string>;  // nullopt is NULL
  using Row = std::vector<Cell>;

  explicit SqliteReader(const std::filesystem::path& file);

  std::vector<Row> rows(const std::string& sql) const;
  // The only cell of the only row; NULL reads "NULL". Throws where there is another number of either.
  std::string value(const std::string& sql) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

// What `sqlite3 -readonly FILE SQL` prints. Throws std::runtime_error with its stderr when it fails.
std::string sqliteCommand(const std::filesystem::path& file, const std::string& sql);

}  // namespace vx11::test
