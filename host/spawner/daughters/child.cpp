#include "spawner/daughters/child.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawner/daughters/confinement.hpp"
#include "spawner/daughters/init.hpp"
#include "spawner/daughters/vfork.hpp"

namespace vx11::spawner {

namespace {

// Shared with the child, which borrows our memory: this is how a failure comes back.
struct Shared {
  const ChildSpec* spec = nullptr;
  pid_t parent = 0;
  int enter_cgroup = -1;  // where clone could not put us into it
  ChildStage stage = ChildStage::kClone;
  int error = 0;
};

// Kernels before 5.7, other processors than x86-64 and seccomp filters of containers cannot clone into a
// cgroup. Then the child goes there by itself, which may take longer.
bool goes_itself = false;

// Only system calls from here on, and those raw: glibc's setresuid would signal every thread of the
// "process", and sanitizers intercept several wrappers.
VX11_IN_CHILD int runChild(void* argument) {
  auto& shared = *static_cast<Shared*>(argument);
  const ChildSpec& spec = *shared.spec;

  const auto failed = [&shared](ChildStage stage, long result) VX11_IN_CHILD {
    if (result >= 0) return false;
    shared.stage = stage;
    shared.error = errno;
    return true;
  };

  if (shared.enter_cgroup >= 0) {
    const long procs = syscall(SYS_openat, shared.enter_cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (failed(ChildStage::kCgroup, procs)) return 127;
    if (failed(ChildStage::kCgroup, syscall(SYS_write, procs, "0", 1))) return 127;
  }
  if (spec.program == nullptr) {  // that was to be tried, or this
    if (spec.confinement != nullptr) failed(ChildStage::kConfinement, spec.confinement->enter(nullptr));
    return 0;
  }

  if (failed(ChildStage::kSession, syscall(SYS_setsid))) return 127;

  if (failed(ChildStage::kDescriptors, syscall(SYS_dup3, spec.in, 0, 0))) return 127;
  if (failed(ChildStage::kDescriptors, syscall(SYS_dup3, spec.out, 1, 0))) return 127;
  if (failed(ChildStage::kDescriptors, syscall(SYS_dup3, spec.err, 2, 0))) return 127;
  // Before the belt, for it has a descriptor of ours.
  if (spec.confinement != nullptr &&
      failed(ChildStage::kConfinement, spec.under_init ? spec.confinement->restrictSelf()
                                                       : spec.confinement->enter(&spec.task_directory))) {
    return 127;
  }
  // A belt: everything of ours is close-on-exec. Kernels before 5.9 do without it.
  syscall(SYS_close_range, 3U, ~0U, 0U);

  const rlimit no_core{0, 0};
  if (failed(ChildStage::kLimits, syscall(SYS_prlimit64, 0, RLIMIT_CORE, &no_core, nullptr))) return 127;
  if (failed(ChildStage::kLimits, syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &spec.files, nullptr))) return 127;

  for (size_t i = 0; i < spec.limits_count; ++i) {
    const auto& limit = spec.limits[i];
    if (failed(ChildStage::kLimits, syscall(SYS_prlimit64, 0, limit.resource, &limit.values, nullptr)))
      return 127;
  }

  // The kernel counts by user and, from Linux 5.14 on, in each user namespace anew, so that this is the
  // daughter's own count. Without either it would be everybody's.
  const rlimit processes{spec.processes, spec.processes};
  if ((spec.uid != 0 || spec.confinement != nullptr) && spec.processes != RLIM_INFINITY &&
      failed(ChildStage::kLimits, syscall(SYS_prlimit64, 0, RLIMIT_NPROC, &processes, nullptr))) {
    return 127;
  }
  if (spec.uid != 0) {
    const auto id = spec.uid;
    if (failed(ChildStage::kIdentity, syscall(SYS_setgroups, 0, nullptr))) return 127;
    if (failed(ChildStage::kIdentity, syscall(SYS_setresgid, id, id, id))) return 127;
    if (failed(ChildStage::kIdentity, syscall(SYS_setresuid, id, id, id))) return 127;
    // Leaving uid 0 drops them already, unless somebody started us with other securebits.
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[2] = {};
    if (failed(ChildStage::kIdentity, syscall(SYS_capset, &header, none))) return 127;
  }

  // After the change of user, which clears it (commit_creds in the kernel's kernel/cred.c).
  if (failed(ChildStage::kParent, syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))) return 127;
  if (syscall(SYS_getppid) != shared.parent) return 127;

  if (failed(ChildStage::kPrivileges, syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) return 127;
  syscall(SYS_umask, 077);
  if (failed(ChildStage::kDirectory, syscall(SYS_chdir, spec.directory))) return 127;

  const unsigned long empty_mask = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &empty_mask, nullptr, sizeof empty_mask);
  failed(ChildStage::kExec, syscall(SYS_execve, spec.program, spec.argv, spec.envp));
  return 127;
}

}  // namespace

ChildStart startChild(const ChildSpec& spec) {
  if (spec.confinement != nullptr && spec.confinement->hasInit() && !spec.under_init)
    return startUnderInit(spec);
  ChildStart start;
  Shared shared;
  shared.spec = &spec;
  shared.parent = getpid();
  int pidfd = -1;
  if (goes_itself) shared.enter_cgroup = spec.cgroup;
  pid_t pid = vforkChild(runChild, &shared, SIGCHLD, &pidfd, goes_itself ? -1 : spec.cgroup);
  if (pid < 0 && spec.cgroup >= 0 && (errno == ENOSYS || errno == EINVAL || errno == E2BIG)) {
    goes_itself = true;
    shared.enter_cgroup = spec.cgroup;
    pid = vforkChild(runChild, &shared, SIGCHLD, &pidfd);
  }
  if (pid < 0) {
    start.error = errno;
    return start;
  }
  start.pidfd.reset(pidfd);
  if (shared.error != 0) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    start.failed_at = shared.stage;
    start.error = shared.error;
    start.pidfd.reset();
    return start;
  }
  start.pid = start.program = pid;
  return start;
}

int tryConfinement(const Confinement& confinement) {
  ChildSpec nothing;
  nothing.confinement = &confinement;
  const auto child = startChild(nothing);
  if (child.pid < 0) return child.error;
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? 0 : ECANCELED;
}

int tryCgroup(int cgroup) {
  ChildSpec nothing;
  nothing.cgroup = cgroup;
  for (;;) {
    const auto child = startChild(nothing);
    if (child.pid < 0) return child.error;
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status)) return 0;
    // Where our own cgroup was once killed, cloning into any other is taken for a race with that (see
    // Cgroup::wasKilled).
    if (goes_itself) return ECANCELED;
    goes_itself = true;
  }
}

std::string failedStep(const ChildSpec& spec, ChildStage stage) {
  const std::string program = spec.program;
  switch (stage) {
    case ChildStage::kClone:
      return "cannot start a process";
    case ChildStage::kCgroup:
      return "cannot put " + program + " into its cgroup";
    case ChildStage::kSession:
      return "cannot start a session for " + program;
    case ChildStage::kDescriptors:
      return "cannot set the descriptors of " + program;
    case ChildStage::kConfinement:
      return "cannot confine " + program;
    case ChildStage::kLimits:
      return "cannot set the limits of " + program;
    case ChildStage::kIdentity:
      return "cannot become user " + std::to_string(spec.uid);
    case ChildStage::kParent:
    case ChildStage::kPrivileges:
      return "cannot restrict " + program;
    case ChildStage::kDirectory:
      return "cannot enter the directory " + std::string(spec.directory);
    case ChildStage::kExec:
      return "cannot run " + program;
  }
  return "cannot run " + program;
}

}  // namespace vx11::spawner
