#include "spawner/daughters/output.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr size_t kBufferBytes = 64 * 1024;  // a pipe's usual capacity
// So that one daughter's flood leaves time for the others, also where it comes byte by byte.
constexpr size_t kBytesEachTurn = 256 * 1024;
constexpr int kReadsEachTurn = 64;
constexpr int kWidePipe = 256 * 1024;

// One thread, one buffer.
char* sharedBuffer() {
  static char buffer[kBufferBytes];
  return buffer;
}

}  // namespace

Output::Output(EventLoop& loop, Spool& spool, UniqueFd pipe, std::string spool_name, Limits limits,
               std::function<void()> on_output)
    : loop_(loop),
      pipe_(std::move(pipe)),
      file_(spool, std::move(spool_name), limits.kept_bytes),
      inline_limit_(file_.limit() == 0 ? limits.inline_bytes : std::min(limits.inline_bytes, file_.limit())),
      on_output_(std::move(on_output)) {}

void Output::watch() {
  if (watch_ || !pipe_) return;
  watch_ = Watch(loop_, pipe_.get(), EPOLLIN, [this](uint32_t) {
    const bool more = readSome(kBytesEachTurn, kReadsEachTurn);
    if (!more) close();
    on_output_();
  });
}

bool Output::filling() const {
  int bytes = 0;
  return !watch_ && ioctl(pipe_.get(), FIONREAD, &bytes) == 0 &&
         static_cast<size_t>(bytes) >= kBufferBytes / 2;
}

void Output::drain() {
  if (!pipe_) return;
  int waiting = 0;
  if (ioctl(pipe_.get(), FIONREAD, &waiting) == 0 && waiting > 0)
    readSome(static_cast<size_t>(waiting), std::numeric_limits<int>::max());
  watch_.reset();
}

void Output::close() {
  watch_.reset();
  pipe_.reset();
}

bool Output::readSome(size_t limit, int reads) {
  char* const buffer = sharedBuffer();
  size_t done = 0;
  for (int i = 0; i < reads && done < limit; ++i) {
    const ssize_t got = read(pipe_.get(), buffer, kBufferBytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    const auto size = static_cast<size_t>(got);
    keep(buffer, size);
    done += size;
    if (size == kBufferBytes && !widened_) {
      // It filled its pipe: a wider one halves the switches back and forth. Refused beyond the user's soft
      // limit.
      widened_ = true;
      fcntl(pipe_.get(), F_SETPIPE_SZ, kWidePipe);
    }
  }
  return true;
}

void Output::keep(const char* bytes, size_t size) {
  // More than fits: from here on the file has all of it. Reading goes on also where there is no room for it,
  // so that the daughter does not hang on a full pipe because our disk is full.
  if (total_ + size > inline_limit_) spool();
  total_ += size;
  if (spooling_) file_.append(bytes, size);
  inline_.append(bytes, std::min(static_cast<size_t>(inline_limit_) - inline_.size(), size));
}

void Output::spool() {
  if (std::exchange(spooling_, true) || inline_.empty()) return;
  file_.append(inline_.data(), inline_.size());
}

StreamEnd Output::take() {
  // It was there for those who followed only.
  if (total_ <= inline_limit_) file_.remove();
  StreamEnd end;
  end.total_bytes = total_;
  end.spool_file = file_.name();
  end.inline_bytes = std::move(inline_);
  return end;
}

}  // namespace vx11::spawner
