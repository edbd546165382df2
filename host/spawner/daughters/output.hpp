// What a daughter writes to stdout or stderr: the first bytes in memory, everything in a file where it is
// more.
#pragma once

#include <functional>
#include <string>

#include "base/unique_fd.hpp"
#include "spawner/daughters/spool.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

class Output {
 public:
  // Reads `pipe` (non-blocking) until its end. `spool_name` is the file's name should one be needed;
  // `on_output` is called after each read.
  struct Limits {
    uint64_t inline_bytes = 0;
    uint64_t kept_bytes = 0;  // 0: as many as the spool keeps of any
  };
  Output(EventLoop& loop, Spool& spool, UniqueFd pipe, std::string spool_name, Limits limits,
         std::function<void()> on_output);

  void watch();  // starts reading; throws CannotLaunch
  // Whether the pipe is half full or more while nobody reads it yet.
  bool filling() const;

  // Whether there was more than is kept.
  bool overLimit() const { return file_.limit() != 0 && total_ > file_.limit(); }
  // From now on the file has everything, also where it is little; such a file goes with the end.
  void spool();
  // Bytes that the file has.
  uint64_t spooled() const { return file_.size(); }

  // Takes what is in the pipe now and reads no more, also when somebody outside holds the pipe open: of a
  // daughter of which nobody lives nothing more can come. Bounded by what a pipe can hold,
  // /proc/sys/fs/pipe-max-size.
  void drain();

  // A sentence where the whole stream is nowhere; else empty.
  std::string loss() const { return total_ > inline_limit_ ? file_.loss() : std::string(); }
  // Call once, after the end.
  StreamEnd take();

 private:
  // Reads at most `limit` bytes, in at most so many reads; false at the end of the pipe.
  bool readSome(size_t limit, int reads);
  void keep(const char* bytes, size_t size);
  void close();

  EventLoop& loop_;
  UniqueFd pipe_;
  Watch watch_;
  SpoolFile file_;
  uint64_t inline_limit_;
  std::string inline_;
  uint64_t total_ = 0;
  bool spooling_ = false;
  std::function<void()> on_output_;
  bool widened_ = false;
};

}  // namespace vx11::spawner
