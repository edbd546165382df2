#include "spawner/forked_call.hpp"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

// A copy of the socket would let the host believe for a moment that a killed spawner is still there, and send
// it tasks. Where the kernel has no close_range(2) (before 5.9) that moment stays.
void closeAllBut(int kept) {
  if (kept > 0) close_range(0, static_cast<unsigned>(kept) - 1, 0);
  close_range(static_cast<unsigned>(kept + 1), ~0U, 0);
}

}  // namespace

bool ForkedCall::begin(int kept, const std::function<void()>& work, std::function<void()> done) {
  if (running()) return false;
  int pidfd = -1;
  const pid_t parent = getpid();
  // As fork(2), which has no flags. Whoever reaps orphans reaps it.
  const long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &pidfd, nullptr, 0);
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    closeAllBut(kept);
    if (getppid() == parent) work();
    _exit(0);
  }
  if (pid < 0) return false;
  pidfd_.reset(pidfd);
  try {
    watch_ = Watch(loop_, pidfd_.get(), EPOLLIN, [this, done = std::move(done)](uint32_t) {
      watch_.reset();
      pidfd_.reset();
      done();  // last: it may begin the next call, or be the end of this object
    });
  } catch (const CannotLaunch&) {
    // It does its work all the same; the caller does it too, and finds it done.
    pidfd_.reset();
    return false;
  }
  return true;
}

}  // namespace vx11::spawner
