// Programs that a test starts itself, and ends itself: by a handle of the process, never by name.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "wait.hpp"

namespace vx11::test {

struct ProcessOptions {
  std::vector<std::string> argv;           // argv[0] is a path, or a name to look up in PATH
  std::map<std::string, std::string> env;  // over our own environment; an empty value takes the variable away
  std::filesystem::path stderr_file;       // appended to; empty: our own stderr
};

// A child of the test. Its stdout is kept; it is killed with the object if it still runs. Not thread-safe.
class Process {
 public:
  explicit Process(const ProcessOptions& options);  // throws std::runtime_error where it cannot be started
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Exit status, or 128 + the signal that ended it; nullopt when it still runs at the deadline.
  std::optional<int> wait(std::chrono::milliseconds deadline = kDeadline);
  // The first complete line on stdout, without its end; nullopt when there was none until the deadline or the
  // exit.
  std::optional<std::string> firstLine(std::chrono::milliseconds deadline = kDeadline);
  // All that it has printed to stdout so far.
  const std::string& printed();

 private:
  // Waits for either; false at the deadline.
  bool waitForOutputOrExit(std::chrono::steady_clock::time_point end);
  void readOutput();

  pid_t pid_ = -1;
  UniqueFd pidfd_;
  UniqueFd output_;
  std::string printed_;
  std::optional<int> status_;
};

struct CommandResult {
  int exit_status = 0;
  std::string out;
  std::string err;
};

// Runs a program to its end. Throws std::runtime_error when it does not end until the deadline.
CommandResult runCommand(std::vector<std::string> argv, std::map<std::string, std::string> env = {});

}  // namespace vx11::test
