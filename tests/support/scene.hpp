// What tests share that do harm: tasks that wait to be released, a ledger of what really ran, and the state
// of rest.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "daemon.hpp"

namespace vx11::test {

// A place outside the state directory into which daughters with any user id may write.
class Playground {
 public:
  explicit Playground(const Daemon& daemon);

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // Shell code that adds the task's own uuid to the ledger.
  std::string sign() const;
  // Shell code that waits until release(name) was called.
  std::string waitFor(const std::string& name) const;
  void release(const std::string& name) const;
  // The lines of the ledger, sorted.
  std::vector<std::string> ledger() const;
  // The lines of a file in here that were written completely.
  std::vector<std::string> lines(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

// POST /vx11/spawn of shell code; the answer's spawn_id. Fails the test where it is not accepted.
std::string post(const Daemon& daemon, const std::string& code);
// The result once the task has ended. Fails the test where it has not within the deadline.
Answer finished(const Daemon& daemon, const std::string& id);
// Waits until the task has a process, and returns its pid.
pid_t runningPid(const Daemon& daemon, const std::string& id);

// False for a zombie too: what has ended but was not collected by its parent does nothing any more.
bool alive(pid_t pid);

// The state of rest: no row is pending or running, none has a pid or lacks its end, each has its routing
// event, each attempt its usage row, and the file is sound.
void checkNothingStuck(const Daemon& daemon);

}  // namespace vx11::test
