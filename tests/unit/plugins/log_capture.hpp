// What the log says while it lives.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/log.hpp"
#include "base/unique_fd.hpp"

namespace vx11::plugins {

class LogCapture {
 public:
  LogCapture() : fd_(::memfd_create("log", MFD_CLOEXEC)) { log::setDescriptor(fd_.get()); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture() { log::setDescriptor(STDERR_FILENO); }

  std::string text() const {
    std::string all(65536, '\0');
    const auto got = ::pread(fd_.get(), all.data(), all.size(), 0);
    all.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return all;
  }

 private:
  UniqueFd fd_;
};

}  // namespace vx11::plugins
