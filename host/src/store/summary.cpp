#include "store/summary.hpp"

#include <vector>

#include "store/session.hpp"

namespace vx11::store {

std::map<std::string, int64_t> countRows(ReadSession& session) {
  std::vector<std::string> tables;
  session.query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'", {},
      [&](Row& row) { tables.push_back(row.text()); });
  std::map<std::string, int64_t> counts;
  for (const std::string& table : tables) {
    session.runOnce("SELECT count(*) FROM \"" + table + "\"",
                    [&](Row& row) { counts[table] = row.integer(); });
  }
  return counts;
}

}  // namespace vx11::store
