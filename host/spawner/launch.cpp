#include "spawner/launch.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/fault_point.hpp"
#include "base/unique_fd.hpp"

namespace vx11::spawner {

namespace {

using Clock = std::chrono::steady_clock;

// The spawner's exit status where another one has the socket, or is about to: as one that is brought back
// has.
constexpr int kAnotherServes = 75;

// A sentence fits; a program that floods its stderr must not fill our memory.
constexpr size_t kMaxSaid = 4096;

// The paths become absolute, for the program starts in "/".
std::vector<std::string> arguments(const LaunchOptions& options) {
  const auto path = [](const std::filesystem::path& p) { return std::filesystem::absolute(p).string(); };
  std::vector<std::string> list{path(options.binary),
                                "--socket",
                                path(options.socket),
                                "--spool",
                                path(options.spool_directory),
                                "--tasks",
                                path(options.tasks_directory),
                                "--idle-exit",
                                std::to_string(options.idle_exit_seconds),
                                "--kill-grace",
                                std::to_string(options.kill_grace.count())};
  const auto add = [&list](const char* name, std::string value) {
    list.emplace_back(name);
    list.push_back(std::move(value));
  };
  add("--max-processes", std::to_string(options.max_processes));
  add("--max-output-bytes", std::to_string(options.max_output_bytes));
  add("--max-directory-bytes", std::to_string(options.max_directory_bytes));
  if (!options.uid_range.empty()) add("--uid-range", options.uid_range);
  if (!options.cgroups) list.emplace_back("--no-cgroups");
  if (!options.namespaces) list.emplace_back("--no-namespaces");
  if (!options.pid_namespaces) list.emplace_back("--no-pid-namespaces");
  for (const auto& hidden : options.hidden) add("--hide", path(hidden));
  if (options.host_uid != 0) add("--host-uid", std::to_string(options.host_uid));
  if (!options.log_file.empty()) add("--log", path(options.log_file));
  list.emplace_back("--background");
  return list;
}

class FileActions {
 public:
  explicit FileActions(int stderr_pipe) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, stderr_pipe, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawn_file_actions_addchdir_np(&actions_, "/");
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    // A session of its own: Ctrl-C in the host's terminal must not reach the daughters' parent.
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::string cannotStart(const std::string& binary, int error) {
  const std::string program = "The spawner's program " + binary;
  switch (error) {
    case ENOENT:
      return program + " does not exist: install vx11-spawner or set spawner.binary to its path.";
    case EACCES:
      return program + " is not executable: give it the mode 0755 or set spawner.binary to another.";
    case ENOEXEC:
      return program + " is not a program for this machine: set spawner.binary to vx11-spawner.";
    default:
      return program + " cannot be started: " + strerror(error) + ".";
  }
}

// One line without control characters: it goes into logs and answers.
std::string sentenceOf(std::string said) {
  for (char& c : said) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  const auto first = said.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return said.substr(first, said.find_last_not_of(' ') - first + 1);
}

// Reads what is there; false at the end of the pipe.
bool readSome(int pipe, std::string& said) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t n = read(pipe, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return true;
    if (n == 0) return false;
    said.append(buffer.data(), std::min(static_cast<size_t>(n), kMaxSaid - said.size()));
  }
}

int reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

// Waits for the exit while reading stderr, for a program that writes more than a pipe holds would never exit.
// The end of the pipe does not count as the exit, nor the other way round: a spawner in the background may
// keep it.
bool waitForExit(int pidfd, int pipe, const LaunchOptions& options, std::string& said) {
  const auto deadline = Clock::now() + options.deadline;
  bool pipe_open = true;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 3> fds{pollfd{pidfd, POLLIN, 0}, pollfd{options.cancel_fd, POLLIN, 0},
                              pollfd{pipe_open ? pipe : -1, POLLIN, 0}};
    if (poll(fds.data(), fds.size(), static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (fds[2].revents != 0) pipe_open = readSome(pipe, said);
    if (fds[0].revents != 0) {
      if (pipe_open) readSome(pipe, said);
      return true;
    }
    if (fds[1].revents != 0) return false;
  }
}

std::string whyNot(const std::string& binary, int status, std::string said) {
  const std::string program = "The spawner's program " + binary;
  const std::string sentence = sentenceOf(std::move(said));
  if (!sentence.empty()) return sentence;
  if (WIFSIGNALED(status)) {
    return program + " was ended by signal " + std::to_string(WTERMSIG(status)) + " and said nothing.";
  }
  return program + " ended with exit status " + std::to_string(WEXITSTATUS(status)) + " and said nothing.";
}

}  // namespace

std::optional<std::string> startSpawner(const LaunchOptions& options) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return cannotStart(options.binary.string(), errno);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  // Only our end is non-blocking: the spawner's stderr is an ordinary one.
  fcntl(reader.get(), F_SETFL, O_NONBLOCK);

  std::vector<std::string> args = arguments(options);
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  std::string path_variable = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  std::string language = "LANG=C.UTF-8";
  std::array<char*, 4> environment{path_variable.data(), language.data()};
#ifdef VX11_FAULT_POINTS
  std::string table = std::string(fault::kVariable) + "=";
  if (const char* path = getenv(fault::kVariable)) environment[2] = table.append(path).data();
#endif

  pid_t pid = 0;
  const FileActions actions(writer.get());
  const Attributes attributes;
  const int error =
      posix_spawn(&pid, args[0].c_str(), actions.get(), attributes.get(), argv.data(), environment.data());
  writer.reset();
  if (error != 0) return cannotStart(args[0], error);

  const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  std::string said;
  if (!pidfd || !waitForExit(pidfd.get(), reader.get(), options, said)) {
    kill(pid, SIGKILL);
    reap(pid);
    return "The spawner's program " + args[0] + " did not say within " +
           std::to_string(options.deadline.count()) + " ms that it serves.";
  }
  const int status = reap(pid);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kAnotherServes))
    return std::nullopt;
  return whyNot(args[0], status, std::move(said));
}

}  // namespace vx11::spawner
