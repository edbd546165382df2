// The write-ahead log's size: large enough that commits overwrite blocks it has already, small enough to be
// bounded.
//
// A commit that makes its file longer costs the file system a transaction of its own, about as much again as
// the data (measured on ext4: 0.38 ms against 0.21 ms for 40 kB). SQLite starts at the front again after a
// checkpoint, so the file is made longer ahead of need, and checkpoints come before it would have to grow
// beyond what is kept.
//
// Bytes behind the last commit are ignored by SQLite: a frame counts only with the salts and the checksum of
// its log (https://www.sqlite.org/fileformat2.html#walformat), which zeros never have.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/session.hpp"

namespace vx11::store {

// Writer thread only, between transactions.
class Wal {
 public:
  // `database_file` is that of `session`, which must outlive this.
  Wal(const std::filesystem::path& database_file, WriteSession& session);

  // After a transaction, when its waiters have their answers: copies back what has become too much, and makes
  // the file longer where the next commits would have to. Errors are logged; nothing is lost by them.
  void tend();
  // Whether enough was committed to be worth copying back in a quiet moment, and doing it.
  bool checkpointDue() const;
  void checkpoint();

 private:
  void makeRoom(uint64_t used_bytes);

  const std::filesystem::path file_;
  WriteSession& session_;
  uint64_t frames_at_try_ = 0;  // when the last copying back that tend() wanted was tried
  uint64_t commits_at_checkpoint_ = 0;
  uint64_t length_ = 0;   // of the file at least, as we left it
  bool no_room_ = false;  // on this disk; not asked again
};

}  // namespace vx11::store
