#include "spawner/background.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <array>

#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

// One byte, the exit status, and a sentence where that is not 0.
[[noreturn]] void relayOutcome(int pipe) {
  std::string outcome;
  std::array<char, 1024> part{};
  for (;;) {
    const ssize_t got = read(pipe, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    outcome.append(part.data(), static_cast<size_t>(got));
  }
  if (outcome.empty()) outcome = "\1vx11-spawner: ended before it was ready\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, outcome.data() + 1, outcome.size() - 1);
  _exit(outcome.front());
}

}  // namespace

Background::Background(bool enabled) {
  if (!enabled) return;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw CannotStart("cannot make a pipe: " + errnoText(errno));
  UniqueFd read_end(ends[0]);
  outcome_.reset(ends[1]);
  const pid_t child = fork();
  if (child < 0) throw CannotStart("cannot go to the background: " + errnoText(errno));
  if (child > 0) {
    outcome_.reset();
    relayOutcome(read_end.get());
  }
  setsid();
}

void Background::ready() {
  if (!outcome_) return;
  const UniqueFd null_device(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd = 0; fd <= 2 && null_device; ++fd) dup2(null_device.get(), fd);
  [[maybe_unused]] const int moved = chdir("/");  // so that the directory we came from can be unmounted
  const char zero = 0;
  [[maybe_unused]] const auto written = write(outcome_.get(), &zero, 1);
  outcome_.reset();
}

void Background::failed(const std::string& sentence, int status) {
  std::string line = "vx11-spawner: " + sentence + "\n";
  if (outcome_) line.insert(line.begin(), static_cast<char>(status));
  [[maybe_unused]] const auto written =
      write(outcome_ ? outcome_.get() : STDERR_FILENO, line.data(), line.size());
}

}  // namespace vx11::spawner
