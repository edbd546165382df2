#include "spawner_process.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/unique_fd.hpp"
#include "catch.hpp"
#include "host.hpp"
#include "namespaces.hpp"
#include "not_shown_here.hpp"
#include "spawner/cgroups/own_cgroup.hpp"

namespace vx11::test {

using spawner::ownCgroup;

namespace {

constexpr uid_t kOrdinaryUser = 54'321;

// A cgroup that belongs to the ordinary user; empty where none can be made.
std::string delegateCgroup() {
  static int count = 0;
  const auto parent = ownCgroup(readFile("/proc/self/mountinfo"), readFile("/proc/self/cgroup"));
  if (geteuid() != 0 || !parent) return {};
  const auto path = *parent + "/vx11-test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  if (mkdir(path.c_str(), 0755) != 0) return {};
  for (const char* name : {"", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"})
    REQUIRE(chown((path + name).c_str(), kOrdinaryUser, kOrdinaryUser) == 0);
  return path;
}

void removeCgroup(const std::string& path) {
  std::error_code ignored;
  for (auto it = std::filesystem::directory_iterator(path, ignored);
       !ignored && it != std::filesystem::directory_iterator(); it.increment(ignored)) {
    if (it->is_directory(ignored)) removeCgroup(it->path());
  }
  rmdir(path.c_str());
}

}  // namespace

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  const auto cgroup = delegateCgroup();
  removeCgroup(cgroup);
  for (const auto mode : modes()) {
    all.push_back({mode, TreeKind::kPlain});
    if (!cgroup.empty()) all.push_back({mode, TreeKind::kCgroup});
    if (mode == Mode::kNamespace) all.push_back({mode, TreeKind::kInit});
  }
  return all;
}

std::vector<Mode> modes() {
  std::vector<Mode> all;
  if (geteuid() == 0) all.push_back(Mode::kOwnUid);
  static const bool can_namespaces = namespacesWork(kOrdinaryUser);
  if (can_namespaces) all.push_back(Mode::kNamespace);
  all.push_back(Mode::kSameUser);
  return all;
}

bool namespacesCanBeShown() {
  const auto all = modes();
  if (std::find(all.begin(), all.end(), Mode::kNamespace) != all.end()) return true;
  notShownHere("needs user namespaces for ordinary users, and Landlock of ABI 2");
  return false;
}

TestDirectory::TestDirectory(Mode mode) {
  const char* base = getenv("TMPDIR");
  path_ = std::string(base == nullptr ? "/tmp" : base) + "/vx11-test-XXXXXX";
  REQUIRE(mkdtemp(path_.data()) != nullptr);
  REQUIRE(chmod(path_.c_str(), 0711) == 0);
  if (mode != Mode::kOwnUid && geteuid() == 0)
    REQUIRE(chown(path_.c_str(), kOrdinaryUser, kOrdinaryUser) == 0);
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

SpawnerProcess::SpawnerProcess(Mode mode, std::vector<std::string> more_arguments)
    : mode_(mode),
      directory_(mode),
      more_(std::move(more_arguments)),
      program_(VX11_SPAWNER_BINARY),
      socket_(directory_ / "run/spawner.sock") {
  if (mode_ == Mode::kSameUser) more_.emplace_back("--no-namespaces");
  if (mode_ == Mode::kOwnUid || geteuid() != 0) return;
  program_ = directory_ / "vx11-spawner";
  copyForEverybody(VX11_SPAWNER_BINARY, program_);
}

SpawnerProcess::SpawnerProcess(Kind kind, std::vector<std::string> more_arguments)
    : SpawnerProcess(kind.mode, std::move(more_arguments)) {
  if (kind.tree != TreeKind::kCgroup)
    more_.emplace_back("--no-cgroups");
  else if (mode_ != Mode::kOwnUid)
    delegated_ = delegateCgroup();
  if (kind.tree == TreeKind::kPlain) more_.emplace_back("--no-pid-namespaces");
}

SpawnerProcess::~SpawnerProcess() {
  end();
  if (!delegated_.empty()) removeCgroup(delegated_);
}

void SpawnerProcess::end() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  for (int i = 0; i < 6000; ++i) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != 0) {
      // A sanitizer's report, for one, only shows here.
      CHECK(status == 0);
      return;
    }
    pause_ms(1);
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::vector<std::string> SpawnerProcess::arguments() const {
  std::vector<std::string> list = {"--socket", socket_, "--spool", spool(),
                                   "--tasks",  tasks(), "--log",   directory_ / "log"};
  // Else it would be up to this machine's /tmp where directories are (file_system_test.cpp).
  list.insert(list.end(), {"--max-directory-bytes", "0"});
  list.insert(list.end(), more_.begin(), more_.end());
  return list;
}

pid_t SpawnerProcess::launch(std::vector<std::string> command, int err) const {
  std::vector<char*> argv;
  for (auto& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (err >= 0) dup2(err, 2);
  if (!delegated_.empty()) {
    const int procs = open((delegated_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
    if (write(procs, "0", 1) != 1) _exit(97);
  }
  if (mode_ != Mode::kOwnUid && geteuid() == 0) {
    if (setresgid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0) _exit(99);
    if (setresuid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0) _exit(99);
  }
  // As vx11d's posix_spawn leaves them; no daughter may inherit it. After setresuid(), which needs them where
  // there are threads (a sanitizer's).
  const std::array<unsigned long, 8> ignore{1};  // the kernel's struct sigaction: SIG_IGN
  for (int signal = 32; signal <= 33; ++signal)
    syscall(SYS_rt_sigaction, signal, ignore.data(), nullptr, sizeof(unsigned long));
  if (before_exec_ != nullptr && !before_exec_()) _exit(96);
  execv(argv[0], argv.data());
  const int error = errno;
  dprintf(2, "cannot execute %s: %s\n", argv[0], strerrordesc_np(error));
  _exit(98);
}

void SpawnerProcess::start() {
  auto command = arguments();
  command.insert(command.begin(), program_);
  pid_ = launch(std::move(command), -1);
  REQUIRE(pid_ > 0);
  int status = 0;
  REQUIRE(eventually([&] {
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return true;
    }
    return static_cast<bool>(connectTo(socket_));
  }));
  INFO("wait status " << status << ", log: " << log());
  REQUIRE(pid_ > 0);
}

Outcome SpawnerProcess::run(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), program_);
  return runProgram(arguments);
}

Outcome SpawnerProcess::runProgram(const std::vector<std::string>& command) const {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t pid = launch(command, write_end.get());
  write_end.reset();
  Outcome outcome;
  std::array<char, 4096> part{};
  for (;;) {
    const auto got = read(read_end.get(), part.data(), part.size());
    if (got <= 0) break;
    outcome.err.append(part.data(), static_cast<size_t>(got));
  }
  REQUIRE(waitpid(pid, &outcome.status, 0) == pid);
  return outcome;
}

void SpawnerProcess::signal(int number) const {
  REQUIRE(kill(pid_, number) == 0);
}

int SpawnerProcess::waitForEnd(int timeout_ms) {
  int status = 0;
  REQUIRE(eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, timeout_ms));
  pid_ = -1;
  // What it was about to start when it was killed has copies of its sockets for a moment longer.
  if (WIFSIGNALED(status)) REQUIRE(eventually([&] { return !connectTo(socket_); }, timeout_ms));
  return status;
}

std::string SpawnerProcess::log() const {
  return readFile(directory_ / "log");
}

bool forbidCall(int number, int error, uint32_t flag) {
  std::array<sock_filter, 6> filter{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      flag == 0 ? sock_filter BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 0, 1)
                : sock_filter BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{filter.size(), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

size_t entriesIn(const std::string& path) {
  std::error_code error;
  size_t count = 0;
  for (auto it = std::filesystem::directory_iterator(path, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  return count;
}

size_t processesOf(const std::string& task_id) {
  const std::string wanted = "VX11_TASK_ID=" + task_id;
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto environment = readFile(entry.path().string() + "/environ");  // a zombie's is empty
    if (environment.find(wanted) != std::string::npos) ++count;
  }
  return count;
}

bool isAlive(pid_t pid) {
  const auto stat = readFile("/proc/" + std::to_string(pid) + "/stat");
  const auto end = stat.rfind(')');
  return end != std::string::npos && stat[end + 2] != 'Z' && stat[end + 2] != 'X';
}

std::string uniqueSeconds() {
  static int count = 0;
  return "60." + std::to_string(getpid()) + std::to_string(++count);
}

bool sleeps(const std::string& seconds) {
  const std::string wanted = std::string("sleep") + '\0' + seconds + '\0';
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (readFile(entry.path() / "cmdline") == wanted) return true;
  }
  return false;
}

void pause_ms(int ms) {
  poll(nullptr, 0, ms);
}

long long now_ms() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1'000'000;
}

}  // namespace vx11::test
