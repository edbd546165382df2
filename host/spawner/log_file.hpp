// The spawner's own log file: appended to, moved aside when it has grown.
#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

class LogFile {
 public:
  // Opens (0640) and sends the log there. Throws CannotStart. An empty path leaves the log on stderr.
  explicit LogFile(const std::string& path);

  // Beyond 64 MiB the file becomes PATH.1, replacing an older one.
  void rotate();
  int descriptor() const { return file_.get(); }

 private:
  bool open();

  std::string path_;
  UniqueFd file_;
};

}  // namespace vx11::spawner
