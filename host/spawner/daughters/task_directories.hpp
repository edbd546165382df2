// One directory a task: its HOME, TMPDIR and working directory, filled before it starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/daughters/task_file_systems.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

class TaskDirectories {
 public:
  // Makes `path` (0711, so that other users can pass but not list) if missing and checks it; `for_own_uids`:
  // tasks will be other users. `max_bytes` (0: no limit): of each task's directory, where we may mount and
  // `path` is in memory. Throws CannotStart.
  TaskDirectories(const std::string& path, bool for_own_uids, uint64_t max_bytes);

  int descriptor() const { return directory_.get(); }
  bool inMemory() const;
  // What a predecessor used: another directory where ours covers it.
  int leftoversDescriptor() const { return lock_.get(); }
  // The names of those that are there. What does not have the name of one is somebody else's: it is left
  // alone, and a line in the log says so.
  std::vector<std::string> leftovers() const;
  const std::string& path() const { return path_; }
  std::string pathOf(const std::string& name) const { return path_ + "/" + name; }

  // Where the directory of `task` is to be made: "task", or "7/task" on a file system of its own. Throws
  // CannotLaunch.
  std::string place(const std::string& task);
  // Its daughter has ended. Whether nobody will find anything in it though it could not be removed (a file
  // system of its own went with it). Nothing where `name` is empty.
  bool release(const std::string& name);

  // Makes the directory and writes the files, all owned by `uid` (0: by us), which nobody but us sees before
  // it is complete. Throws CannotLaunch; what was made until then stays for the caller to remove.
  void make(const std::string& name, uid_t uid, const std::vector<StartFile>& files) const;

 private:
  std::string path_;
  UniqueFd lock_;
  std::optional<TaskFileSystems> file_systems_;
  UniqueFd directory_;
};

// "data/input.txt": relative, no empty or dot components, no NUL, each component at most 255 bytes.
bool isRelativeName(const std::string& name);

}  // namespace vx11::spawner
