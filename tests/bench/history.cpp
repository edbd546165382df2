#include "history.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace vx11::bench {

namespace {

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

void execute(sqlite3* database, const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return;
  const std::string text = message == nullptr ? "unknown" : message;
  sqlite3_free(message);
  throw std::runtime_error(text + " in " + sql);
}

std::vector<std::string> columnsOf(sqlite3* database, const std::string& table) {
  std::vector<std::string> columns;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, ("SELECT name FROM pragma_table_info('" + table + "')").c_str(), -1,
                     &statement, nullptr);
  while (sqlite3_step(statement) == SQLITE_ROW)
    columns.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  sqlite3_finalize(statement);
  return columns;
}

// One copy for each number of n: `changed` gives other values than the row's own.
void copyRows(sqlite3* database, const std::string& table, const std::string& row, int count,
              const std::vector<std::pair<std::string, std::string>>& changed) {
  std::string names;
  std::string values;
  for (const auto& column : columnsOf(database, table)) {
    std::string value = column;
    for (const auto& [name, other] : changed) {
      if (name == column) value = other;
    }
    names += (names.empty() ? "" : ",") + column;
    values += (values.empty() ? "" : ",") + value;
  }
  execute(database, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                        std::to_string(count) + ") INSERT INTO " + table + " (" + names + ") SELECT " +
                        values + " FROM n, (SELECT * FROM " + table + " WHERE " + row + ")");
}

}  // namespace

void multiplyHistory(const std::filesystem::path& file, int count) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const Database database(opened, sqlite3_close);
  if (result != SQLITE_OK) throw std::runtime_error("cannot open " + file.string());
  const std::string newest = "(SELECT max(id) FROM spawns WHERE ended_at IS NOT NULL)";
  const std::string uuid = "printf('00000000-0000-4000-8000-%012x', i)";
  execute(opened, "BEGIN");
  execute(opened, "CREATE TEMP TABLE model AS SELECT id, correlation_id FROM spawns WHERE id = " + newest);
  const std::string row = "(SELECT id FROM model)";
  const std::string trace = "trace_id = (SELECT correlation_id FROM model)";
  copyRows(opened, "spawn_attempts", "spawn_row = " + row, count,
           {{"spawn_row", row + " + i"}, {"spawn_uuid", uuid}, {"nonce", "printf('nonce-%x', i)"}});
  copyRows(opened, "spawns", "id = " + row, count,
           {{"id", row + " + i"},
            {"uuid", uuid},
            {"name", "printf('spawn-%08x', i)"},
            {"correlation_id", uuid},
            // One a second, as lists are in order of time.
            {"created_at", "strftime('%Y-%m-%d %H:%M:%f', created_at, '-' || i || ' seconds') || '000'"}});
  for (const char* table : {"routing_events", "cli_usage_stats"})
    copyRows(opened, table, trace, count, {{"id", "NULL"}, {"trace_id", uuid}});
  execute(opened, "COMMIT");
}

}  // namespace vx11::bench
