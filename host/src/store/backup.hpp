// A copy of the database and of the outputs in the spool, made while both are in use.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace vx11::store {

struct Backup {
  std::filesystem::path path;  // a directory that is a state directory: vx11.db, spool/, host-id
  int64_t spawns = 0;
  int64_t outputs = 0;          // files of the spool
  uint64_t database_bytes = 0;  // the outputs take none as long as the originals are there
};

// Makes `into`, which must not be there, out of the state directory `state` on the same file system: the
// database as it is at one moment, and hard links to the outputs of tasks that have ended, for those change
// no more. Until it is whole and on the disk it has another name, and nothing stays where it fails. Any
// thread; takes as long as the copying. Throws Error{kStorage}.
Backup makeBackup(const std::filesystem::path& state, const std::filesystem::path& into,
                  std::chrono::milliseconds busy_timeout = std::chrono::seconds(5));

}  // namespace vx11::store
