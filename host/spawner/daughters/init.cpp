#include "spawner/daughters/init.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "spawner/daughters/confinement.hpp"

namespace vx11::spawner {

namespace {

// What the init says, the second one last.
struct Begun {
  pid_t program = 0;  // as the spawner sees it; 0: that could not be told
  ChildStage failed_at = ChildStage::kClone;
  int error = 0;  // not 0: no program has run
};
struct Ended {
  int code = 0;  // si_code
  int status = 0;
};

template <class T>
void say(int pipe, const T& what) {
  while (write(pipe, &what, sizeof what) < 0 && errno == EINTR) continue;  // less than PIPE_BUF: whole
}

// The arguments are the spawner's: whoever looks for that must not find this.
void rename(std::string_view name) {
  prctl(PR_SET_NAME, name.data(), 0, 0, 0);
  const UniqueFd file(open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> old{};
  size_t size = 0;
  for (ssize_t got; (got = read(file.get(), old.data(), old.size())) > 0;) size += static_cast<size_t>(got);
  if (size < name.size()) return;
  memset(program_invocation_name, 0, size);
  memcpy(program_invocation_name, name.data(), name.size());
}

// Whether what /proc says of numbers holds for us: it may be that of another PID namespace.
bool isProcOurs() {
  std::array<char, 32> self{};
  return readlink("/proc/self", self.data(), self.size() - 1) > 0 && atoi(self.data()) == getpid();
}

// In the PID namespace of `proc`, a directory in which one is mounted; 0 where it cannot be told.
pid_t pidSeenFrom(const UniqueFd& proc, int pidfd) {
  if (!proc) return 0;
  const std::string name = "self/fdinfo/" + std::to_string(pidfd);
  const UniqueFd file(openat(proc.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> text{};
  if (!file || read(file.get(), text.data(), text.size() - 1) <= 0) return 0;
  const char* const line = strstr(text.data(), "Pid:\t");
  return line == nullptr ? 0 : static_cast<pid_t>(std::max(atoi(line + 5), 0));
}

// What the init keeps open, from 0 on.
enum Kept : int { kPipe, kSignals, kProgram, kFirstClosed };

// Only here is it certain that the group's number is still the program's: nobody else reaps it.
void terminate(pid_t program) {
  kill(-program, SIGTERM);
  kill(-program, SIGCONT);  // one that is stopped could not act on it
}

// Until the program has ended; or until the spawner has, for its end of the pipe is gone then.
void reapUntilEndOf(pid_t program) {
  std::array<pollfd, 3> kept{{{kPipe, 0, 0}, {kSignals, POLLIN, 0}, {kProgram, POLLIN, 0}}};
  for (;;) {
    poll(kept.data(), kept.size(), -1);
    if ((kept[kPipe].revents & POLLERR) != 0) return;
    signalfd_siginfo taken{};
    while (read(kSignals, &taken, sizeof taken) > 0) {
      // The spawner's, who is in none of the namespaces below its own and so has no number here.
      if (taken.ssi_signo == SIGTERM && taken.ssi_pid == 0) terminate(program);
    }
    siginfo_t child{};
    while (waitid(P_ALL, 0, &child, WEXITED | WNOHANG) == 0 && child.si_pid != 0) {
      if (child.si_pid == program) return say(kPipe, Ended{child.si_code, child.si_status});
      child.si_pid = 0;
    }
    if (kept[kProgram].revents == 0) continue;
    // It has ended, but somebody in here traces it and has its end first: only without that one we get to it.
    kill(-1, SIGKILL);
    kept[kProgram].fd = -1;
  }
}

// In the init. Nothing of the spawner's is to be undone: whoever returns from here exits at once.
void runInit(const ChildSpec& spec, int pipe, bool proc_is_ours) {
  rename("vx11-init");
  setsid();
  UniqueFd proc;
  if (proc_is_ours) proc.reset(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto failed = [pipe](ChildStage stage, int error) { say(pipe, Begun{0, stage, error}); };
  const auto* const directory = spec.program == nullptr ? nullptr : &spec.task_directory;
  if (spec.confinement->enterAsInit(directory) != 0) return failed(ChildStage::kConfinement, errno);
  if (spec.program == nullptr) {
    if (spec.confinement->restrictSelf() != 0) return failed(ChildStage::kConfinement, errno);
    return say(pipe, Begun{});
  }
  // Nobody in there is to look into the copy of our memory. Not before: whoever is not dumpable cannot map
  // its user.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return failed(ChildStage::kClone, errno);
  ChildSpec inner = spec;
  inner.under_init = true;
  inner.cgroup = -1;
  const auto child = startChild(inner);
  if (child.pid < 0) return failed(child.failed_at, child.error);
  // From here on it has run, and nothing that goes wrong may make it run again.
  say(pipe, Begun{pidSeenFrom(proc, child.pidfd.get()), {}, 0});
  // The program's pipes above all, which end with it.
  dup2(pipe, kPipe);
  dup2(signals, kSignals);
  dup2(child.pidfd.get(), kProgram);
  close_range(kFirstClosed, ~0U, 0);
  reapUntilEndOf(child.pid);
}

}  // namespace

ChildStart startUnderInit(const ChildSpec& spec) {
  static const bool proc_is_ours = isProcOurs();
  ChildStart start;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    start.error = errno;
    return start;
  }
  UniqueFd listening(ends[0]);
  UniqueFd telling(ends[1]);
  // As fork(2), which has no flags.
  int pidfd = -1;
  const long pid =
      syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | CLONE_PIDFD | SIGCHLD, nullptr, &pidfd, nullptr, 0);
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    listening.reset();
    runInit(spec, telling.get(), proc_is_ours);
    _exit(0);
  }
  if (pid < 0) {
    start.error = errno;
    return start;
  }
  start.pidfd.reset(pidfd);
  telling.reset();
  Begun begun;
  ssize_t got = 0;
  while ((got = read(listening.get(), &begun, sizeof begun)) < 0 && errno == EINTR) continue;
  // An init that was ended before it said anything may have started the program: that is an end like any
  // other.
  if (got != sizeof begun) begun = {};
  if (begun.error != 0) {
    ::kill(static_cast<pid_t>(pid), SIGKILL);
    while (waitpid(static_cast<pid_t>(pid), nullptr, 0) < 0 && errno == EINTR) continue;
    start.pidfd.reset();
    start.failed_at = begun.failed_at;
    start.error = begun.error;
    return start;
  }
  start.pid = static_cast<pid_t>(pid);
  start.program = begun.program != 0 ? begun.program : start.pid;
  fcntl(listening.get(), F_SETFL, O_NONBLOCK);
  start.end = std::move(listening);
  return start;
}

std::optional<siginfo_t> readProgramEnd(const UniqueFd& end) {
  Ended ended;
  if (read(end.get(), &ended, sizeof ended) != sizeof ended) return std::nullopt;
  siginfo_t info{};
  info.si_code = ended.code;
  info.si_status = ended.status;
  return info;
}

}  // namespace vx11::spawner
