#include "spawner/daughters/vfork.hpp"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace vx11::spawner {

namespace {

constexpr size_t kStackBytes = 64 * 1024;
constexpr size_t kGuardBytes = 4096;

// One stack for all: CLONE_VFORK suspends us until the child needs it no more.
char* stack() {
  static char* const bottom = [] {
    void* memory =
        mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return static_cast<char*>(nullptr);
    mprotect(memory, kGuardBytes, PROT_NONE);
    return static_cast<char*>(memory) + kGuardBytes;
  }();
  return bottom;
}

#if defined(__x86_64__)
// clone3(2) has no wrapper in glibc 2.36, and syscall(2) cannot do it: its child would return to where there
// is no frame on the new stack. Registers but rax, rcx and r11 are the same in the child; rsp is the stack's
// end.
VX11_IN_CHILD long clone3Call(const clone_args* arguments, int (*function)(void*), void* argument) {
  register const clone_args* first asm("rdi") = arguments;
  register size_t second asm("rsi") = sizeof *arguments;
  register int (*callee)(void*) asm("r12") = function;
  register void* passed asm("r13") = argument;
  long result = SYS_clone3;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%r13, %%rdi\n\t"
      "call *%%r12\n\t"
      "mov %%eax, %%edi\n\t"
      "mov %[exit], %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "r"(first), "r"(second), "r"(callee), "r"(passed), [exit] "i"(SYS_exit)
      : "rcx", "r11", "cc", "memory");
  return result;
}

pid_t cloneInto(int cgroup, int (*function)(void*), void* argument, int exit_signal, int* pidfd) {
  clone_args arguments{};
  arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP | (pidfd == nullptr ? 0 : CLONE_PIDFD);
  arguments.pidfd = reinterpret_cast<uint64_t>(pidfd);
  arguments.exit_signal = static_cast<uint64_t>(exit_signal);
  arguments.stack = reinterpret_cast<uint64_t>(stack());
  arguments.stack_size = kStackBytes;
  arguments.cgroup = static_cast<uint64_t>(cgroup);
  const long result = clone3Call(&arguments, function, argument);
  if (result >= 0) return static_cast<pid_t>(result);
  errno = static_cast<int>(-result);
  return -1;
}
#else
pid_t cloneInto(int, int (*)(void*), void*, int, int*) {
  errno = ENOSYS;
  return -1;
}
#endif

}  // namespace

pid_t vforkChild(int (*function)(void*), void* argument, int exit_signal, int* pidfd, int cgroup) {
  if (stack() == nullptr) {
    errno = ENOMEM;
    return -1;
  }
  // A handler that ran in the child would run in our memory.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const int flags = CLONE_VM | CLONE_VFORK | (pidfd == nullptr ? 0 : CLONE_PIDFD) | exit_signal;
  const pid_t pid = cgroup >= 0 ? cloneInto(cgroup, function, argument, exit_signal, pidfd)
                                : clone(function, stack() + kStackBytes, flags, argument, pidfd);
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace vx11::spawner
