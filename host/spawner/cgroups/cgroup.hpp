// One cgroup of a version 2 hierarchy (Documentation/admin-guide/cgroup-v2.rst of the kernel).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

class Cgroup {
 public:
  // `directory`: open for reading. Never throws.
  Cgroup(UniqueFd directory, std::string name) : directory_(std::move(directory)), name_(std::move(name)) {}

  // For CLONE_INTO_CGROUP.
  int descriptor() const { return directory_.get(); }
  const std::string& name() const { return name_; }

  // SIGKILL to everything in it and below, atomic against fork(2), also to what is frozen; but (Linux 6.18)
  // not to a process whose first thread has exited, for it signals that thread. Returns false with errno
  // where the kernel cannot (before 5.14).
  bool kill();
  // What is directly in it.
  std::vector<pid_t> processes() const;
  // Then nothing can begin its life in it any more: since Linux 6.13 CLONE_INTO_CGROUP compares the number of
  // such kills with that of its parent's cgroup, and takes a difference for a kill that raced with the fork
  // (seen with 6.18).
  bool wasKilled() const { return killed_; }
  // Whether something lives in it or below; zombies do not count. True where that cannot be read.
  bool populated() const;

 private:
  UniqueFd directory_;
  std::string name_;
  bool killed_ = false;
};

}  // namespace vx11::spawner
