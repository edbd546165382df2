// Two ways to fail, each with a sentence for people: the spawner cannot start at all, or one daughter cannot.
#pragma once

#include <errno.h>
#include <string.h>

#include <stdexcept>
#include <string>

namespace vx11::spawner {

// "Permission denied (EACCES)" says more than either half.
inline std::string errnoText(int error) {
  const char* name = strerrorname_np(error);
  return std::string(strerror(error)) + " (" + (name == nullptr ? std::to_string(error) : name) + ")";
}

// Ends the process with status 1 and this sentence.
class CannotStart : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Ends it with this status: whoever wanted a spawner has one, or is about to.
class ServedByAnother : public CannotStart {
 public:
  static constexpr int kStatus = 75;  // EX_TEMPFAIL of sysexits.h; also known to launch.cpp
  using CannotStart::CannotStart;
};

// Ends one start. A transient one may succeed later and is refused; any other is an end of its own
// (spawn_error).
class CannotLaunch : public std::runtime_error {
 public:
  CannotLaunch(const std::string& sentence, bool transient)
      : std::runtime_error(sentence), transient_(transient) {}

  // Out of memory, processes or descriptors passes; a full disk or a missing program does not by itself.
  static CannotLaunch fromErrno(const std::string& what, int error) {
    const bool transient = error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
    return {what + ": " + errnoText(error), transient};
  }

  // The same of calls that say ENOSPC or EUSERS where there are as many mounts or namespaces as may be.
  static CannotLaunch atLimit(const std::string& what, int error) {
    auto failure = fromErrno(what, error);
    if (error == ENOSPC || error == EUSERS) failure.transient_ = true;
    return failure;
  }

  bool transient() const { return transient_; }

 private:
  bool transient_;
};

}  // namespace vx11::spawner
