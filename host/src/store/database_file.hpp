// The database file itself, before SQLite opens it.
#pragma once

#include <filesystem>

namespace vx11::store {

// Makes the file with mode 0640, whatever the umask, where it is not there. Throws Error{kStorage}, naming
// the path and what to change, where the directory or the file cannot be used. SQLite gives the WAL the
// file's mode.
void prepareFile(const std::filesystem::path& file);

}  // namespace vx11::store
