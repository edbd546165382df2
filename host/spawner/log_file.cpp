#include "spawner/log_file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/log.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr off_t kLargest = 64 * 1024 * 1024;

}  // namespace

LogFile::LogFile(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  // In the background the working directory is another.
  if (path_.front() != '/') {
    std::array<char, PATH_MAX> here{};
    if (getcwd(here.data(), here.size()) != nullptr) path_ = std::string(here.data()) + "/" + path_;
  }
  if (!open()) throw CannotStart("cannot open the log " + path_ + ": " + errnoText(errno));
}

bool LogFile::open() {
  // The directory may belong to the host's user, who must not make root wait or write somewhere else.
  UniqueFd file(::open(path_.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0640));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return false;
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    errno = EEXIST;
    return false;
  }
  vx11::log::setDescriptor(file.get());
  file_ = std::move(file);
  return true;
}

void LogFile::rotate() {
  struct stat status {};
  if (!file_ || fstat(file_.get(), &status) != 0 || status.st_size < kLargest) return;
  const std::string old = path_ + ".1";
  if (rename(path_.c_str(), old.c_str()) == 0) open();
}

}  // namespace vx11::spawner
