#include "run.hpp"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>

#include "base/log.hpp"
#include "command_line.hpp"
#include "daemon.hpp"
#include "privileges.hpp"
#include "sd_notify.hpp"
#include "stop_limit.hpp"

namespace vx11 {

namespace {

// Twice what the door gives its clients (daemon.cpp), and far below what systemd gives a service.
constexpr std::chrono::seconds kStopLimit{10};

// Blocked before the first thread starts, so that only sigwait() below ever sees them: a plugin's or a
// library's thread would die of them.
sigset_t blockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A client that goes away is an error of one write, not the end of the host.
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// A connection is a descriptor, and http.max_connections is above the usual soft limit of 1024.
void raiseDescriptorLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int waitForStop(const sigset_t& signals) {
  int number = 0;
  // The configuration is read once; a hang-up of the terminal is no reason to stop.
  while (sigwait(&signals, &number) != 0 || number == SIGHUP) {
  }
  return number;
}

int serve(const config::Sources& sources) {
  const auto signals = blockSignals();
  raiseDescriptorLimit();
  auto config = config::load(sources);
  settlePrivileges(config);
  // Before the daemon, so that it ends after it: its destructors may hang as well.
  std::optional<StopLimit> limit;
  Daemon daemon(std::move(config));
  daemon.serve();
  printf("READY %s\n", daemon.address().c_str());
  fflush(stdout);
  sdNotify("READY=1\nSTATUS=listening on " + daemon.address());
  const int number = waitForStop(signals);
  limit.emplace(kStopLimit);
  log::info("host.stopping", {{"signal", number}});
  sdNotify("STOPPING=1");
  daemon.shutDown();
  return 0;
}

int runMode(const CommandLine& line) {
  switch (line.mode) {
    case Mode::kServe:
      return serve(line.sources);
    case Mode::kCheckConfig:
      config::load(line.sources);
      puts("the configuration is good");
      return 0;
    case Mode::kVersion:
      puts("vx11d " VX11_VERSION);
      return 0;
    case Mode::kHelp:
      fputs(kUsage, stdout);
      return 0;
  }
  return 2;
}

}  // namespace

int run(int argc, char** argv) {
  CommandLine line;
  try {
    line = parseCommandLine(argc, argv);
  } catch (const std::invalid_argument& wrong) {
    fprintf(stderr, "vx11d: %s\n", wrong.what());
    return 2;
  }
  try {
    return runMode(line);
  } catch (const std::exception& failure) {
    fprintf(stderr, "vx11d: %s\n", failure.what());
    return 1;
  }
}

}  // namespace vx11
