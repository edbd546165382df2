// Row counts of every table, for GET /vx11/db/summary.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace vx11::store {

class ReadSession;

// Exact counts of all tables but SQLite's own.
std::map<std::string, int64_t> countRows(ReadSession& session);

}  // namespace vx11::store
