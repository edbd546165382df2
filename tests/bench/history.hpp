// A database as it looks after months.
#pragma once

#include <filesystem>

namespace vx11::bench {

// Copies the newest finished spawn with its attempt, routing event and usage row until there are `count` more
// of them, under other names. Nobody else may have the database open. Throws std::runtime_error.
void multiplyHistory(const std::filesystem::path& database, int count);

}  // namespace vx11::bench
