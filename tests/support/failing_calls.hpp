// System calls of a living process that fail for a while: what the kernel says when it is out of something.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "process.hpp"
#include "temp_directory.hpp"

namespace vx11::test {

// By strace(1), which must be installed and allowed to trace `pid`. Not thread-safe.
class FailingCalls {
 public:
  // From here on `calls` (as in strace -e trace=: comma-separated names) of every thread that `pid` has now
  // fail with `error` ("ENOMEM") and do nothing else; not those of its children. Throws std::runtime_error
  // where that cannot be.
  FailingCalls(pid_t pid, const std::string& calls, const std::string& error);
  ~FailingCalls();
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;

  // How many have failed so far.
  int count() const;
  // They work again. The destructor does it too.
  void stop();

  // Whether it can be had on this machine.
  static bool possible();

 private:
  TempDirectory directory_;
  std::optional<Process> strace_;
};

}  // namespace vx11::test
