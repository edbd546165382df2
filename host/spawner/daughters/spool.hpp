// Where outputs lie that are longer than their inline part, and how much of the disk they may take.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

// Files are 0600 and belong to the owner of the directory, who is the host. One thread only.
class Spool {
 public:
  // Makes the directory (0700, for `host_uid` where one is given) if missing, checks and locks it.
  // `max_bytes`: of one file; 0: no limit. Throws CannotStart.
  Spool(const std::string& path, std::optional<uid_t> host_uid, uint64_t max_bytes);

  int descriptor() const { return directory_.get(); }
  uint64_t maxBytes() const { return max_bytes_; }

  // A new, empty file; errno in `error` where that fails. An existing file is never touched.
  UniqueFd create(const std::string& name, int& error) const;
  void remove(const std::string& name) const;

  // Whether so many more bytes fit without touching what outputs leave to others, above all to the host's
  // database: a quarter of the disk, 256 MiB at most. For all streams together, within a few hundred KiB.
  bool hasRoomFor(uint64_t bytes);

 private:
  UniqueFd directory_;
  uid_t owner_ = 0;
  gid_t group_ = 0;
  uint64_t max_bytes_;
  bool had_room_ = false;    // when the disk was last looked at
  uint64_t since_look_ = 0;  // bytes that were let pass since
};

// One stream from its first byte on. What does not fit any more is dropped.
class SpoolFile {
 public:
  // `spool` must outlive it. Nothing is made before the first byte. `own_limit`: bytes, 0: the spool's alone.
  SpoolFile(Spool& spool, std::string name, uint64_t own_limit)
      : spool_(spool), name_(std::move(name)), own_limit_(own_limit) {}

  // Bytes at most; 0: no limit.
  uint64_t limit() const;

  void append(const char* bytes, uint64_t size);

  // Bytes that were written.
  uint64_t size() const { return written_; }
  // As if none had been made.
  void remove();

  // Empty where none was made.
  std::string name() const { return made_ ? name_ : std::string(); }
  // A sentence where it does not hold the whole stream; else empty.
  const std::string& loss() const { return loss_; }

 private:
  bool open();
  void write(const char* bytes, uint64_t size);
  void cut(const std::string& why);

  Spool& spool_;
  std::string name_;
  uint64_t own_limit_;
  UniqueFd file_;
  bool made_ = false;
  uint64_t written_ = 0;
  std::string loss_;
};

}  // namespace vx11::spawner
