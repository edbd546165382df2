#include "spawner/daughters/spool.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "spawner/daughters/directories.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr const char* kSpoolOption = "--spool";
constexpr uint64_t kLargestReserve = 256ULL * 1024 * 1024;
constexpr uint64_t kReservedPart = 4;
// Between two looks at the disk, which cost a hundredth of what the copying takes.
constexpr uint64_t kLookEvery = 256 * 1024;

}  // namespace

Spool::Spool(const std::string& path, std::optional<uid_t> host_uid, uint64_t max_bytes)
    : max_bytes_(max_bytes) {
  directory_ = openLockedDirectory(path, 0700, kSpoolOption, host_uid);
  struct stat status {};
  if (fstat(directory_.get(), &status) != 0)
    throw CannotStart("cannot examine " + path + ": " + errnoText(errno));
  if ((status.st_mode & 022) != 0) {
    throw CannotStart(path + " (" + kSpoolOption + ") is writable by others: chmod go-w it");
  }
  owner_ = status.st_uid;
  group_ = status.st_gid;
}

UniqueFd Spool::create(const std::string& name, int& error) const {
  UniqueFd file(openat(directory_.get(), name.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0600));
  if (!file) {
    error = errno;
    return file;
  }
  if (owner_ != geteuid() && fchown(file.get(), owner_, group_) != 0) {
    error = errno;
    remove(name);
    file.reset();
  }
  return file;
}

void Spool::remove(const std::string& name) const {
  unlinkat(directory_.get(), name.c_str(), 0);
}

bool Spool::hasRoomFor(uint64_t bytes) {
  since_look_ += bytes;
  if (had_room_ && since_look_ < kLookEvery) return true;
  since_look_ = bytes;
  struct statvfs disk {};
  if (fstatvfs(directory_.get(), &disk) != 0) return had_room_ = true;  // the write will tell
  const uint64_t size = uint64_t{disk.f_blocks} * disk.f_frsize;
  const uint64_t reserve = std::min(kLargestReserve, size / kReservedPart);
  return had_room_ = uint64_t{disk.f_bavail} * disk.f_frsize >= reserve + bytes;
}

uint64_t SpoolFile::limit() const {
  if (own_limit_ == 0 || spool_.maxBytes() == 0) return std::max(own_limit_, spool_.maxBytes());
  return std::min(own_limit_, spool_.maxBytes());
}

void SpoolFile::append(const char* bytes, uint64_t size) {
  if (!loss_.empty() || (!made_ && !open())) return;
  const uint64_t limit = this->limit();
  const uint64_t room = limit == 0 ? size : std::min(size, limit - written_);
  if (!spool_.hasRoomFor(room)) return cut("the disk of the state directory is nearly full");
  write(bytes, room);
  if (loss_.empty() && room < size)
    cut("it has the first " + std::to_string(limit) +
        (limit == spool_.maxBytes() ? " bytes (tasks.max_output_bytes)" : " bytes (limits.output_bytes)"));
}

void SpoolFile::remove() {
  if (!made_) return;
  spool_.remove(name_);
  file_.reset();
  made_ = false;
}

bool SpoolFile::open() {
  int error = 0;
  file_ = spool_.create(name_, error);
  made_ = static_cast<bool>(file_);
  if (!made_) loss_ = "the output beyond the inline part could not be kept: " + errnoText(error);
  return made_;
}

void SpoolFile::write(const char* bytes, uint64_t size) {
  while (size > 0) {
    const ssize_t put = ::write(file_.get(), bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return cut(errnoText(put < 0 ? errno : ENOSPC));
    bytes += put;
    size -= static_cast<uint64_t>(put);
    written_ += static_cast<uint64_t>(put);
  }
}

void SpoolFile::cut(const std::string& why) {
  loss_ = "the file with the output is cut short: " + why;
  file_.reset();
}

}  // namespace vx11::spawner
