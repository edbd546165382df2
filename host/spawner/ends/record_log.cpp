#include "spawner/ends/record_log.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/fault_point.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr size_t kHeaderBytes = 8;
constexpr uint32_t kMaxRecordBytes = 256U * 1024 * 1024;
constexpr const char* kNewName = "records.log.new";

// CRC-32 of IEEE 802.3, reflected, as zlib's crc32().
uint32_t crc32(std::string_view bytes) {
  static const auto table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
      entries[i] = value;
    }
    return entries;
  }();
  uint32_t crc = ~0U;
  for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

void appendNumber(std::string& bytes, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
}

uint32_t numberAt(std::string_view bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

std::string framed(std::string_view payload) {
  std::string record;
  record.reserve(kHeaderBytes + payload.size());
  appendNumber(record, static_cast<uint32_t>(payload.size()));
  appendNumber(record, crc32(payload));
  record += payload;
  return record;
}

bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

}  // namespace

RecordLog::RecordLog(int directory)
    : directory_(directory),
      file_(openat(directory, kFileName, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600)) {
  struct stat status {};
  if (!file_ || fstat(file_.get(), &status) != 0) {
    throw CannotStart(std::string("cannot open ") + kFileName +
                      " in the spool directory: " + errnoText(errno));
  }
  // The directory may belong to the host's user, who must not make root write somewhere else.
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    throw CannotStart(std::string(kFileName) + " in the spool directory is not a plain file: remove it");
  }
  read();
}

void RecordLog::read() {
  struct stat status {};
  fstat(file_.get(), &status);
  const auto size = static_cast<uint64_t>(status.st_size);
  std::string header(kHeaderBytes, '\0');
  std::string payload;
  while (bytes_ + kHeaderBytes <= size) {
    if (pread(file_.get(), header.data(), kHeaderBytes, static_cast<off_t>(bytes_)) != ssize_t{kHeaderBytes})
      break;
    const uint32_t length = numberAt(header, 0);
    if (length > kMaxRecordBytes || bytes_ + kHeaderBytes + length > size) break;
    payload.resize(length);
    const auto got = pread(file_.get(), payload.data(), length, static_cast<off_t>(bytes_ + kHeaderBytes));
    if (got != static_cast<ssize_t>(length) || crc32(payload) != numberAt(header, 4)) break;
    found_.push_back(payload);
    bytes_ += kHeaderBytes + length;
  }
  // A torn tail would hide everything appended behind it.
  if (bytes_ < size && ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0) {
    throw CannotStart(std::string("cannot cut the torn end of ") + kFileName + ": " + errnoText(errno));
  }
}

bool RecordLog::append(std::string_view payload) {
  const auto record = framed(payload);
  if (payload.size() <= kMaxRecordBytes && writeAll(file_.get(), record)) {
    bytes_ += record.size();
    return true;
  }
  const int error = errno;
  // Half a record would hide the ones behind it. Shrinking needs no space.
  [[maybe_unused]] const int cut = ftruncate(file_.get(), static_cast<off_t>(bytes_));
  errno = error;
  return false;
}

bool RecordLog::sync() {
  return fdatasync(file_.get()) == 0;
}

bool RecordLog::rewrite(const std::vector<std::string>& payloads) {
  if (payloads.empty()) {
    if (ftruncate(file_.get(), 0) != 0) return false;
    bytes_ = 0;
    return true;
  }
  unlinkat(directory_, kNewName, 0);
  UniqueFd file(
      openat(directory_, kNewName, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return false;
  uint64_t bytes = 0;
  for (const auto& payload : payloads) {
    const auto record = framed(payload);
    if (!writeAll(file.get(), record)) {
      unlinkat(directory_, kNewName, 0);
      return false;
    }
    bytes += record.size();
  }
  VX11_FAULT_POINT("spawner.compact.before_rename");
  if (fdatasync(file.get()) != 0 || renameat(directory_, kNewName, directory_, kFileName) != 0) {
    unlinkat(directory_, kNewName, 0);
    return false;
  }
  file_ = std::move(file);
  bytes_ = bytes;
  return true;
}

}  // namespace vx11::spawner
