#include "write_lock.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <string>

#include "wait.hpp"

namespace vx11::test {

void WriteLock::Close::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

WriteLock::WriteLock(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(file.c_str(), &database);
  database_.reset(database);
  if (opened == SQLITE_OK) {
    sqlite3_busy_timeout(database, static_cast<int>(kDeadline.count()));
    if (sqlite3_exec(database, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK) return;
  }
  throw std::runtime_error(std::string("cannot lock the database: ") + sqlite3_errmsg(database));
}

}  // namespace vx11::test
