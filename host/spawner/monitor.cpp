#include "spawner/monitor.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <string_view>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr std::chrono::milliseconds kLongestPause{10'000};
constexpr int kMostFailures = 20;  // in a row, with pauses that double up to the longest
constexpr std::string_view kWorkerName = "vx11-spawner";
constexpr std::string_view kMonitorName = "vx11-monitor";

void renameProcess(char* argv0, std::string_view from, std::string_view to) {
  prctl(PR_SET_NAME, to.data(), 0, 0, 0);
  const size_t length = strlen(argv0);
  if (length >= from.size() && argv0 + length - from.size() == from)
    memcpy(argv0 + length - to.size(), to.data(), to.size());
}

// Whoever started us may wait for the end of our standard error.
void leaveTerminal() {
  const UniqueFd null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd = 0; fd <= 2 && null_device; ++fd) dup2(null_device.get(), fd);
}

// The next of the three signals; 0 when the time is over.
int nextSignal(std::chrono::milliseconds time) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&set, signal);
  const timespec limit{time.count() / 1000, time.count() % 1000 * 1'000'000};
  return std::max(sigtimedwait(&set, nullptr, &limit), 0);
}

// Its status as of waitpid(2); `told` becomes true where we were told to end meanwhile.
int waitForWorker(pid_t worker, bool& told) {
  int status = 0;
  while (waitpid(worker, &status, WNOHANG) != worker) {
    const int signal = nextSignal(std::chrono::hours(1));
    if (signal != SIGTERM && signal != SIGINT) continue;
    told = true;
    kill(worker, signal);
  }
  return status;
}

}  // namespace

Monitor::Monitor(char* argv0, const std::function<void()>& let_go) {
  void* const shared = mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw CannotStart("cannot watch over the spawner: " + errnoText(errno));
  ready_ = new (shared) std::atomic<bool>(false);
  std::chrono::milliseconds pause{0};
  for (int failures = 0; failures < kMostFailures;) {
    const MonoTime born = monoNow();
    const pid_t worker = fork();
    if (worker == 0) {
      renameProcess(argv0, kMonitorName, kWorkerName);
      return;
    }
    if (!successor_) {
      if (worker < 0) throw CannotStart("cannot start the spawner's process: " + errnoText(errno));
      successor_ = true;
      renameProcess(argv0, kWorkerName, kMonitorName);
      let_go();
      leaveTerminal();
    }
    if (worker > 0) {
      bool told = false;
      const int status = waitForWorker(worker, told);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) _exit(0);
      if (told || !ready_->load()) _exit(1);
    }
    if (monoNow() - born >= std::chrono::minutes(1)) failures = 0, pause = {};
    if (const int signal = nextSignal(pause); signal == SIGTERM || signal == SIGINT) _exit(0);
    ++failures;
    pause = std::clamp(pause * 2, std::chrono::milliseconds(100), kLongestPause);
  }
  _exit(1);
}

}  // namespace vx11::spawner
