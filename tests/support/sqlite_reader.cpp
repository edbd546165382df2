#include "sqlite_reader.hpp"

#include <sqlite3.h>

#include <stdexcept>

#include "process.hpp"

namespace vx11::test {

namespace {

[[noreturn]] void fail(sqlite3* database, const std::string& sql) {
  throw std::runtime_error(std::string(sqlite3_errmsg(database)) + ": " + sql);
}

}  // namespace

void SqliteReader::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

SqliteReader::SqliteReader(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) fail(database, file.string());
  sqlite3_busy_timeout(database, static_cast<int>(kDeadline.count()));
}

std::vector<SqliteReader::Row> SqliteReader::rows(const std::string& sql) const {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
    fail(database_.get(), sql);
  }
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  std::vector<Row> result;
  int step = 0;
  while ((step = sqlite3_step(prepared)) == SQLITE_ROW) {
    Row row;
    for (int column = 0; column < sqlite3_column_count(prepared); ++column) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(prepared, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(prepared, column));
      const bool null = sqlite3_column_type(prepared, column) == SQLITE_NULL;
      row.push_back(null ? Cell() : Cell(std::string(bytes == nullptr ? "" : bytes, size)));
    }
    result.push_back(std::move(row));
  }
  if (step != SQLITE_DONE) fail(database_.get(), sql);
  return result;
}

std::string SqliteReader::value(const std::string& sql) const {
  const auto result = rows(sql);
  if (result.size() != 1 || result[0].size() != 1) {
    throw std::runtime_error(std::to_string(result.size()) + " rows instead of one value: " + sql);
  }
  return result[0][0].value_or("NULL");
}

std::string sqliteCommand(const std::filesystem::path& file, const std::string& sql) {
  const auto result = runCommand({"sqlite3", "-readonly", file.string(), sql});
  if (result.exit_status != 0) throw std::runtime_error("sqlite3: " + result.err + ": " + sql);
  return result.out;
}

}  // namespace vx11::test
