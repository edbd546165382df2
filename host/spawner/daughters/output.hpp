// What a daughter writes to stdout or stderr: the first bytes in memory, everything in a file where it is
// more.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

// Where long outputs go. Files are 0600 and belong to the owner of the directory, who is the host.
class Spool {
 public:
  // Makes the directory (0700, for `host_uid` where one is given) if missing, checks and locks it. Throws
  // CannotStart.
  Spool(const std::string& path, std::optional<uid_t> host_uid);

  int descriptor() const { return directory_.get(); }
  // A new, empty file; errno in `error` where that fails. An existing file is never touched.
  UniqueFd create(const std::string& name, int& error) const;

 private:
  UniqueFd directory_;
  uid_t owner_ = 0;
  gid_t group_ = 0;
};

class Output {
 public:
  // Reads `pipe` (non-blocking) until its end. `spool_name` is the file's name should one be needed.
  Output(EventLoop& loop, const Spool& spool, UniqueFd pipe, std::string spool_name, uint64_t inline_bytes);

  void watch();  // starts reading; throws CannotLaunch
  // Whether the pipe is half full or more while nobody reads it yet.
  bool filling() const;

  // Takes what is still in the pipe and reads no more. For a daughter of which nobody lives: nothing more can
  // come, also when somebody outside holds the pipe open. Bounded by the largest pipe that a user may have, 1
  // MiB.
  void drain();

  // A sentence where the file does not hold the whole stream (disk full); else empty.
  const std::string& loss() const { return loss_; }
  // Call once, after the end.
  StreamEnd take();

 private:
  // Reads at most `limit` bytes; false at the end of the pipe.
  bool readSome(size_t limit);
  void keep(const char* bytes, size_t size);
  void spoolBytes(const char* bytes, size_t size);
  void close();

  EventLoop& loop_;
  const Spool& spool_;
  UniqueFd pipe_;
  Watch watch_;
  std::string spool_name_;
  uint64_t inline_limit_;
  std::string inline_;
  uint64_t total_ = 0;
  UniqueFd file_;
  bool beyond_inline_ = false;
  bool file_made_ = false;
  bool widened_ = false;
  std::string loss_;
};

}  // namespace vx11::spawner
