#include "spawner/daughters/signal_user.hpp"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawner/daughters/vfork.hpp"

namespace vx11::spawner {

namespace {

struct SignalRequest {
  uid_t uid = 0;
  uid_t sweeper = 0;
  int signal = 0;
  int error = 0;
};

VX11_IN_CHILD int signalEverybody(void* argument) {
  auto& request = *static_cast<SignalRequest*>(argument);
  const uid_t uid = request.uid;
  const uid_t sweeper = request.sweeper;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  // Any id left at root's, or CAP_KILL kept, would let the next call end the whole machine: each step must
  // succeed.
  if (uid == 0 || sweeper == 0 || uid == sweeper || syscall(SYS_setresuid, sweeper, uid, sweeper) != 0 ||
      syscall(SYS_capset, &header, none) != 0) {
    request.error = errno == 0 ? EPERM : errno;
    return 1;
  }
  if (syscall(SYS_getuid) != static_cast<long>(sweeper) || syscall(SYS_geteuid) != static_cast<long>(uid)) {
    request.error = EPERM;
    return 1;
  }
  syscall(SYS_kill, -1, request.signal);
  return 0;
}

}  // namespace

int signalUser(uid_t uid, uid_t sweeper, int signal) {
  SignalRequest request;
  request.uid = uid;
  request.sweeper = sweeper;
  request.signal = signal;
  errno = 0;
  const pid_t pid = vforkChild(signalEverybody, &request, 0, nullptr);
  if (pid < 0) return errno;
  while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) continue;
  return request.error;
}

}  // namespace vx11::spawner
