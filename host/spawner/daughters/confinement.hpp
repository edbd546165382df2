// What keeps daughters of the spawner's own user from its secrets and from each other, where no privilege can
// give each a user id of its own.
//
// A user and a mount namespace (user_namespaces(7), mount_namespaces(7)) in which the host's files are
// covered and of all task directories only the daughter's own is there; and a Landlock domain (landlock(7)),
// without which /proc/PID/root of any process of this user would lead around the covers: who is in a domain
// may not trace, and so not look into, whoever is outside. From Linux 6.12 on it may not signal them either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

// A task's own directory. Made ready before the clone.
struct OwnDirectory {
  struct Entry {
    const char* name = nullptr;  // relative
    bool is_directory = false;
  };
  const char* path = nullptr;
  // What was put into it, each directory before what is in it.
  const Entry* entries = nullptr;
  size_t count = 0;
};

class Confinement {
 public:
  // What stands in the way, for people.
  class Unusable : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  // `hidden`: files and directories to cover; `tasks`: where task directories lie. All absolute; what is not
  // there when a daughter starts is left out. Throws Unusable. Whether namespaces can be had shows only when
  // a child enters.
  Confinement(std::vector<std::string> hidden, std::string tasks);

  // Each daughter under an init in a PID namespace (pid_namespaces(7)) of its own too, where nothing else
  // ends trees without gaps: with that init the kernel ends whatever is in there.
  void useInit(bool wanted) { init_ = wanted; }
  bool hasInit() const { return init_; }

  // Each task's directory on a file system of that many bytes in memory, which goes with the task; 0: where
  // it was made. For directories that are in memory anyway.
  void limitDirectory(uint64_t max_bytes);
  // Throws CannotLaunch where they are larger than such a directory.
  void requireRoomFor(const std::vector<StartFile>& files) const;

  // The following are for a child that borrows our memory, before it closes descriptors: nothing but raw
  // system calls. 0, or -1 with errno. `directory`: of this task, which stays visible; null: none.
  long enter(const OwnDirectory* directory) const;
  // The parts of it, for an init that was cloned into its user and PID namespace. With a /proc of that
  // namespace.
  long enterAsInit(const OwnDirectory* directory) const;
  long restrictSelf() const;

 private:
  long mapUser() const;
  long cover(const OwnDirectory* directory) const;
  long fill(const OwnDirectory& directory, int from) const;

  std::vector<std::string> hidden_;
  std::string tasks_;
  std::string user_map_;
  std::string group_map_;
  UniqueFd ruleset_;
  bool init_ = false;
  uint64_t own_bytes_ = 0;   // of the task's file system; 0: it has none
  std::string own_options_;  // with which it is mounted
};

}  // namespace vx11::spawner
