// Why a command ends without having done its work, and what to type next.
#pragma once

#include <stdexcept>
#include <string>

namespace vx11::client {

// What the program exits with, beside what a task itself ended with. As in timeout(1) and docker-run(1).
enum ExitCode : int {
  kDone = 0,
  kRefused = 1,  // the host says no, or what was asked for is not so
  kWrongUsage = 2,
  kTimeLimit = 124,  // the task reached its time to live
  kFailed = 125,     // the host could not be asked, or the task not be run
  kCancelled = 130,
  kSignalBase = 128,  // and the number of the signal that ended the task
};

class Failure : public std::runtime_error {
 public:
  // `message` is a sentence without a full stop; `next` is a command line that helps, or empty.
  Failure(int exit_code, const std::string& message, std::string next = {})
      : std::runtime_error(message), exit_code_(exit_code), next_(std::move(next)) {}
  int exitCode() const { return exit_code_; }
  const std::string& next() const { return next_; }

 private:
  int exit_code_;
  std::string next_;
};

}  // namespace vx11::client
