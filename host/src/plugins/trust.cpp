#include "plugins/trust.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <string>

#include "base/error.hpp"
#include "base/text.hpp"

namespace vx11::plugins {

namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ErrorCode::kConfiguration, sentence);
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

// `what` begins the sentence: "The file" or "The directory /x".
void checkOwnerAndMode(const struct stat& status, const std::string& what, const std::string& path) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    refuse(what + " belongs to user " + std::to_string(status.st_uid) + ", who could change it: run `chown " +
           std::to_string(::geteuid()) + " " + text::shellQuote(path) + "`.");
  const bool shared_by_root =
      S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0 && status.st_uid == 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !shared_by_root)
    refuse(what + " may be written by others (mode " + octal(status.st_mode) + "): run `chmod go-w " +
           text::shellQuote(path) + "`.");
}

}  // namespace

void checkDirectory(const std::filesystem::path& directory) {
  for (auto at = directory;; at = at.parent_path()) {
    struct stat status {};
    if (::lstat(at.c_str(), &status) != 0)
      refuse("The directory " + at.string() + " cannot be looked at (" + strerror(errno) +
             "): check its path.");
    if (!S_ISDIR(status.st_mode)) refuse(at.string() + " is not a directory: correct plugins.path.");
    checkOwnerAndMode(status, "The directory " + at.string(), at.string());
    if (at == at.root_path()) return;
  }
}

UniqueFd openTrusted(const std::filesystem::path& file) {
  if (file.extension() != ".so") refuse("The name of a plugin ends in .so: rename it.");
  // O_NONBLOCK: a FIFO of that name must not hold the start up.
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && errno == ELOOP)
    refuse("It is a symbolic link, which could be turned elsewhere: put the file itself there.");
  if (!fd) refuse(std::string("It cannot be opened (") + strerror(errno) + "): make it readable for vx11d.");
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0)
    refuse(std::string("It cannot be looked at (") + strerror(errno) + ").");
  if (!S_ISREG(status.st_mode)) refuse("It is not a regular file: take it out of the plugin directory.");
  checkOwnerAndMode(status, "The file", file.string());
  return fd;
}

}  // namespace vx11::plugins
