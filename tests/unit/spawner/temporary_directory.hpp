#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace vx11::test {

// A directory of one test, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_.get(); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  UniqueFd descriptor_;
};

}  // namespace vx11::test
