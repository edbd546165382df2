// What keeps daughters of the spawner's own user from its secrets and from each other, where no privilege can
// give each a user id of its own.
//
// A user and a mount namespace (user_namespaces(7), mount_namespaces(7)) in which the host's files are
// covered and of all task directories only the daughter's own is there; and a Landlock domain (landlock(7)),
// without which /proc/PID/root of any process of this user would lead around the covers: who is in a domain
// may not trace, and so not look into, whoever is outside. From Linux 6.12 on it may not signal them either.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

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

  // In a child that borrows our memory, before it has a user of its own or closes descriptors: nothing but
  // raw system calls. `directory`: of this task, which stays visible; null: none. 0, or -1 with errno.
  long enter(const char* directory) const;

 private:
  std::vector<std::string> hidden_;
  std::string tasks_;
  std::string user_map_;
  std::string group_map_;
  UniqueFd ruleset_;
};

}  // namespace vx11::spawner
