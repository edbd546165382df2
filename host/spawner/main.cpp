#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/log.hpp"
#include "spawner/background.hpp"
#include "spawner/failure.hpp"
#include "spawner/key_filter.hpp"
#include "spawner/log_file.hpp"
#include "spawner/monitor.hpp"
#include "spawner/options.hpp"
#include "spawner/server.hpp"

namespace {

using namespace vx11::spawner;

// Whatever started us may have left something open or ignored; daughters must not find it.
void settle() {
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= 2) fd = open("/dev/null", O_RDWR);
  close_range(3, ~0U, 0);

  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction current {};
    if (sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN)
      sigaction(signal, &plain, nullptr);
  }
  // Two of glibc's own, which its sigaction() does not touch and its posix_spawn (2.36) leaves ignored.
  constexpr std::array<long, 8> kDefault{};  // the kernel's struct sigaction, with room to spare
  for (int signal = 32; signal <= 33; ++signal)
    syscall(SYS_rt_sigaction, signal, kDefault.data(), nullptr, sizeof(unsigned long));
  // The first three are read through a descriptor; the others must end neither us nor, through us, daughters.
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ, SIGTTOU, SIGTTIN, SIGTSTP}) {
    sigaddset(&set, signal);
  }
  sigprocmask(SIG_SETMASK, &set, nullptr);
}

// Up to six descriptors for each daughter, so we take what we may have. The daughters get the usual soft
// limit, whatever the host that started us raised its own to: programs that use select(2) break beyond 1024.
rlimit raiseFileLimit() {
  constexpr rlim_t kUsual = 1024;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  rlimit raised = files;
  raised.rlim_cur = raised.rlim_max;
  setrlimit(RLIMIT_NOFILE, &raised);
  files.rlim_cur = std::min(files.rlim_cur, kUsual);
  return files;
}

int serve(const Options& options, char* argv0) {
  std::optional<Background> background;
  std::optional<Monitor> monitor;
  std::optional<LogFile> log;
  try {
    background.emplace(options.background);
    // In the foreground the service manager brings us back; as another user the host can do so itself.
    if (options.background && geteuid() == 0) monitor.emplace(argv0, [&background] { background.reset(); });
    log.emplace(options.log);
    if (const int error = forbidKeys(); error != 0) {
      vx11::log::warning("keys.reachable", {{"reason", errnoText(error)}});
    }
    const auto files = raiseFileLimit();
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
      throw CannotStart("cannot become a subreaper: " + errnoText(errno));
    }
    Server server(options, files, *log);
    if (background) background->ready();
    if (monitor) monitor->ready();
    if (monitor && monitor->isSuccessor()) vx11::log::warning("spawner.replaced", {{"pid", getpid()}});
    server.run();
    return 0;
  } catch (const CannotStart& error) {
    const bool another = dynamic_cast<const ServedByAnother*>(&error) != nullptr;
    if (monitor && monitor->isSuccessor()) {
      // A host that may start one itself was faster.
      if (another) return 0;
      vx11::log::error("spawner.not_replaced", {{"reason", error.what()}});
      return 1;
    }
    if (!background) background.emplace(false);
    const int status = another ? ServedByAnother::kStatus : 1;
    background->failed(error.what(), status);
    return status;
  }
}

}  // namespace

int main(int argc, char** argv) {
  settle();
  try {
    const auto options = parseOptions(argc, argv);
    if (options.version) {
      printf("vx11-spawner %s\n", VX11_VERSION);
      return 0;
    }
    return serve(options, argv[0]);
  } catch (const UsageError& error) {
    fprintf(stderr, "vx11-spawner: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fprintf(stderr, "vx11-spawner: %s\n", error.what());
    return 1;
  }
}
