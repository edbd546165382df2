// What lives beside a hostile program: vx11d, its spawner, another daughter, and a file that is dear to
// somebody.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "isolation.hpp"
#include "processes.hpp"
#include "scene.hpp"

namespace vx11::test {

class Neighbourhood {
 public:
  // With the bystander at work when it returns.
  Neighbourhood(const Isolation& isolation, const UidRange& uids);
  // Ends what a failed case would leave to the machine.
  ~Neighbourhood();
  Neighbourhood(const Neighbourhood&) = delete;
  Neighbourhood& operator=(const Neighbourhood&) = delete;

  const Daemon& daemon() const { return daemon_; }
  // NAME=value of all that an attacker would have to find out: pids and paths.
  std::vector<std::pair<std::string, std::string>> targets() const;

  // Of these tasks no process lives and no directory is there; `outlived` says that processes may.
  void checkNothingLeft(const std::set<std::string>& task_ids, bool outlived) const;
  // Everybody is the same as before, and the next task is served.
  void checkUndisturbed();
  // Lets the bystander go to its own right ending; then nothing at all may be left.
  void checkBystandersEnd();

 private:
  // What is neither the bystander nor started by it, and descends from the spawner, has a user id of the
  // range or carries one of the task ids.
  SeenProcesses strangers(const std::set<std::string>& task_ids, bool with_zombies) const;

  const Isolation& isolation_;
  UidRange uids_;
  Daemon daemon_;
  std::unique_ptr<Playground> ground_;
  std::string bystander_;
  std::string bystander_task_id_;
  pid_t bystander_pid_ = 0;
  pid_t host_pid_ = 0;
  pid_t spawner_pid_ = 0;
};

}  // namespace vx11::test
