// One directory a task: its HOME, TMPDIR and working directory, filled before it starts.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

class TaskDirectories {
 public:
  // Makes `path` (0711, so that other users can pass but not list) if missing and checks it; `for_own_uids`:
  // tasks will be other users. Throws CannotStart.
  TaskDirectories(const std::string& path, bool for_own_uids);

  int descriptor() const { return directory_.get(); }
  const std::string& path() const { return path_; }
  std::string pathOf(const std::string& name) const { return path_ + "/" + name; }
  std::vector<std::string> names() const;  // of all that are there

  // Makes the directory and writes the files, all owned by `uid` (0: by us), which nobody but us sees before
  // it is complete. Throws CannotLaunch; what was made until then stays for the caller to remove.
  void make(const std::string& name, uid_t uid, const std::vector<StartFile>& files) const;

 private:
  std::string path_;
  UniqueFd directory_;
};

// "data/input.txt": relative, no empty or dot components, no NUL, each component at most 255 bytes.
bool isRelativeName(const std::string& name);

}  // namespace vx11::spawner
