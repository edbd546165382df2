// The real vx11-spawner in a directory of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "temp_directory.hpp"

namespace vx11::test {

// How daughters are kept apart: each its own user (as root only), or all the spawner's user, each in
// namespaces of its own (where this system allows that) or not at all.
enum class Mode { kOwnUid, kNamespace, kSameUser };

std::vector<Mode> modes();    // those that can be tested here
bool namespacesCanBeShown();  // where not, it has reported so

// The ways to end a tree: in a cgroup of its own, under an init of its own, or without. A spawner that is not
// root's needs a cgroup that was delegated to it: the test makes it, as systemd's Delegate= would.
enum class TreeKind { kPlain, kCgroup, kInit };
struct Kind {
  Mode mode;
  TreeKind tree;
};

std::vector<Kind> kinds();  // those that can be tested here

// Removed at the end, whatever is in it. Others may pass through it, not list it.
class TestDirectory {
 public:
  explicit TestDirectory(Mode mode);
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Outcome {
  int status = 0;  // as of waitpid
  std::string err;
};

class SpawnerProcess {
 public:
  explicit SpawnerProcess(Mode mode, std::vector<std::string> more_arguments = {});
  explicit SpawnerProcess(Kind kind, std::vector<std::string> more_arguments = {});
  ~SpawnerProcess();  // ends it
  SpawnerProcess(const SpawnerProcess&) = delete;
  SpawnerProcess& operator=(const SpawnerProcess&) = delete;

  void start();  // returns once the socket answers; call again after its end
  // For one that is expected to end by itself: runs it to its end.
  Outcome run(std::vector<std::string> arguments) const;
  Outcome runProgram(const std::vector<std::string>& command) const;  // another one, as the spawner's user
  std::vector<std::string> arguments() const;

  void addArguments(const std::vector<std::string>& more) {
    more_.insert(more_.end(), more.begin(), more.end());
  }
  // Called in the new process, as its user; false: it does not go on.
  void setBeforeExec(bool (*function)()) { before_exec_ = function; }

  void signal(int number) const;
  // The wait status; fails the test where it does not end in time.
  int waitForEnd(int timeout_ms = 10'000);

  Mode mode() const { return mode_; }
  pid_t pid() const { return pid_; }
  const TestDirectory& directory() const { return directory_; }
  std::string socket() const { return socket_; }
  void setSocket(std::string path) { socket_ = std::move(path); }
  std::string spool() const { return directory_ / "spool"; }
  std::string tasks() const { return directory_ / "tasks"; }
  std::string log() const;
  const std::string& delegated() const { return delegated_; }  // its cgroup's directory, where it has one

 private:
  pid_t launch(std::vector<std::string> command, int err) const;
  void end();

  Mode mode_;
  TestDirectory directory_;
  std::vector<std::string> more_;
  bool (*before_exec_)() = nullptr;
  std::string delegated_;
  std::string program_;  // one that the user of this mode may run
  std::string socket_;
  pid_t pid_ = -1;
};

// This process, and what it executes, gets `error` for that system call from now on, as from filters of
// containers. `flag`: only where the first argument has one of these bits; 0: always. False where that cannot
// be.
bool forbidCall(int number, int error, uint32_t flag = 0);

// True as soon as `condition` holds, false where it does not within the time.
template <class Condition>
bool eventually(Condition condition, int timeout_ms = 10'000);

bool exists(const std::string& path);
size_t entriesIn(const std::string& path);
// Living processes (no zombies) that were started with this VX11_TASK_ID.
size_t processesOf(const std::string& task_id);
bool isAlive(pid_t pid);
// A number of seconds, a minute and some, that nobody else sleeps for.
std::string uniqueSeconds();
// Whether a `sleep` with this argument lives, whoever's it is.
bool sleeps(const std::string& seconds);

void pause_ms(int ms);
long long now_ms();

template <class Condition>
bool eventually(Condition condition, int timeout_ms) {
  const auto end = now_ms() + timeout_ms;
  while (!condition()) {
    if (now_ms() > end) return false;
    pause_ms(2);
  }
  return true;
}

}  // namespace vx11::test
