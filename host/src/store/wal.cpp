#include "store/wal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "base/unique_fd.hpp"

namespace vx11::store {

namespace {

using namespace std::chrono_literals;

constexpr uint64_t kFrameBytes = 24 + 4096;  // header and page
constexpr uint64_t kMebibyte = 1 << 20;

// A checkpoint takes about as long as ten commits: in a quiet moment it is not done for a few rows, and under
// load it waits for this much.
constexpr uint64_t kCommitsBeforeCheckpoint = 64;
constexpr uint64_t kFramesBeforeCheckpoint = 16 * kMebibyte / kFrameBytes;
constexpr uint64_t kFramesBetweenTries = 256;

// Readers that overlap without a gap keep SQLite from starting at the front: beyond this size they are waited
// for.
constexpr uint64_t kMaxBytes = 40 * kMebibyte;
constexpr auto kReaderPatience = 200ms;

constexpr uint64_t kAhead = kMebibyte / 4;
constexpr uint64_t kStep = kMebibyte;
constexpr uint64_t kLongest = 17 * kMebibyte;  // what is kept, and a little for the commit that goes beyond
constexpr uint64_t kFreeBytesForOne = 64;      // a disk that is nearly full has better uses for its blocks

uint64_t freeBytes(int file) {
  struct statvfs status {};
  if (fstatvfs(file, &status) != 0) return 0;
  return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
}

bool appendZeros(int file, uint64_t count) {
  static constexpr std::array<char, 64 * 1024> kZeros{};
  while (count > 0) {
    const ssize_t written = write(file, kZeros.data(), std::min<uint64_t>(kZeros.size(), count));
    if (written <= 0) return false;
    count -= static_cast<uint64_t>(written);
  }
  return true;
}

}  // namespace

Wal::Wal(const std::filesystem::path& database_file, WriteSession& session)
    : file_(database_file.string() + "-wal"), session_(session) {}

bool Wal::checkpointDue() const {
  return session_.commits() - commits_at_checkpoint_ >= kCommitsBeforeCheckpoint;
}

void Wal::checkpoint() {
  commits_at_checkpoint_ = session_.commits();
  VX11_FAULT_POINT("wal.before_checkpoint");
  try {
    session_.checkpoint();
    VX11_FAULT_POINT("wal.after_checkpoint");
  } catch (const std::exception& e) {
    // Nothing is lost: the rows are in the log, and the next checkpoint copies them.
    log::warning("store.checkpoint_failed", {{"error", e.what()}});
  }
}

void Wal::tend() {
  const uint64_t frames = session_.walFrames();
  if (frames < frames_at_try_) frames_at_try_ = 0;  // it began at the front again
  if (frames >= kFramesBeforeCheckpoint && frames >= frames_at_try_ + kFramesBetweenTries) {
    frames_at_try_ = frames;
    if (frames * kFrameBytes < kMaxBytes) {
      checkpoint();
    } else {
      try {
        session_.restartWal(kReaderPatience);
      } catch (const std::exception& e) {
        log::warning("store.checkpoint_failed", {{"error", e.what()}});
      }
    }
    return;
  }
  if (!no_room_ && frames * kFrameBytes + kAhead > length_) makeRoom(frames * kFrameBytes);
}

// SQLite holds no lock on this file, so opening and closing it a second time takes none away. Appending
// cannot meet what another process commits at the same time: it comes behind that.
void Wal::makeRoom(uint64_t used_bytes) {
  const UniqueFd file(open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return;
  const auto size = static_cast<uint64_t>(status.st_size);
  length_ = size;
  const uint64_t wanted = std::min(used_bytes + kAhead + kStep, kLongest);
  if (size >= used_bytes + kAhead || size >= wanted) return;
  no_room_ = freeBytes(file.get()) < kFreeBytesForOne * kLongest || !appendZeros(file.get(), wanted - size);
  if (no_room_) {
    log::info("store.wal_not_prepared", {{"reason", "there is little space left on its disk"}});
    return;
  }
  length_ = wanted;
}

}  // namespace vx11::store
