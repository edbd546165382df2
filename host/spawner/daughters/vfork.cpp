#include "spawner/daughters/vfork.hpp"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vx11::spawner {

namespace {

constexpr size_t kStackBytes = 64 * 1024;
constexpr size_t kGuardBytes = 4096;

// One stack for all: CLONE_VFORK suspends us until the child needs it no more.
char* stackTop() {
  static char* const top = [] {
    void* memory =
        mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return static_cast<char*>(nullptr);
    mprotect(memory, kGuardBytes, PROT_NONE);
    return static_cast<char*>(memory) + kGuardBytes + kStackBytes;
  }();
  return top;
}

}  // namespace

pid_t vforkChild(int (*function)(void*), void* argument, int exit_signal, int* pidfd) {
  char* const stack = stackTop();
  if (stack == nullptr) {
    errno = ENOMEM;
    return -1;
  }
  // A handler that ran in the child would run in our memory.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const int flags = CLONE_VM | CLONE_VFORK | (pidfd == nullptr ? 0 : CLONE_PIDFD) | exit_signal;
  const pid_t pid = clone(function, stack, flags, argument, pidfd);
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace vx11::spawner
