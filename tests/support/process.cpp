#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "temp_directory.hpp"

extern char** environ;

namespace vx11::test {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> environmentWith(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable = *entry;
    if (!changes.contains(variable.substr(0, variable.find('=')))) result.push_back(variable);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) result.push_back(name + "=" + value);
  }
  return result;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(const ProcessOptions& options) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  output_.reset(ends[0]);
  const UniqueFd writer(ends[1]);
  fcntl(output_.get(), F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writer.get(), 1);
  if (!options.stderr_file.empty()) {
    posix_spawn_file_actions_addopen(&actions, 2, options.stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  auto arguments = options.argv;
  auto environment = environmentWith(options.env);
  const int error = posix_spawnp(&pid_, arguments.at(0).c_str(), &actions, &attributes,
                                 pointersTo(arguments).data(), pointersTo(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + options.argv[0] + ": " + strerror(error));
  pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process() {
  if (status_) return;
  signal(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
}

void Process::signal(int number) const {
  if (!status_) syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

void Process::readOutput() {
  std::array<char, 4096> buffer{};
  while (output_) {
    const ssize_t n = read(output_.get(), buffer.data(), buffer.size());
    if (n < 0) return;
    if (n == 0) output_.reset();
    printed_.append(buffer.data(), static_cast<size_t>(n));
  }
}

bool Process::waitForOutputOrExit(Clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
  std::array<pollfd, 2> fds{pollfd{pidfd_.get(), POLLIN, 0}, pollfd{output_.get(), POLLIN, 0}};
  if (poll(fds.data(), fds.size(), static_cast<int>(std::max<int64_t>(left, 0))) <= 0) return left > 0;
  readOutput();
  if (fds[0].revents == 0) return true;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return true;
}

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!status_ && waitForOutputOrExit(end)) {
  }
  return status_;
}

std::optional<std::string> Process::firstLine(std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (true) {
    const auto newline = printed_.find('\n');
    if (newline != std::string::npos) return printed_.substr(0, newline);
    if (status_ || !waitForOutputOrExit(end)) return std::nullopt;
  }
}

const std::string& Process::printed() {
  readOutput();
  return printed_;
}

CommandResult runCommand(std::vector<std::string> argv, std::map<std::string, std::string> env) {
  const TempDirectory directory;
  const std::string name = argv.at(0);
  Process process({std::move(argv), std::move(env), directory / "stderr"});
  const auto status = process.wait();
  if (!status) throw std::runtime_error(name + " did not end until the deadline");
  return {*status, process.printed(), readFile(directory / "stderr")};
}

}  // namespace vx11::test
