#include "spawner/daughters/process_table.hpp"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace vx11::spawner {

namespace {

bool readFile(const std::string& path, size_t max, std::string& content) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  content.clear();
  std::array<char, 4096> part{};
  while (content.size() < max) {
    const ssize_t got = read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    content.append(part.data(), static_cast<size_t>(got));
  }
  return true;
}

}  // namespace

ProcessTable readProcesses() {
  ProcessTable table;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  if (!proc) return table;
  std::string line;
  while (const dirent* entry = readdir(proc.get())) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    if (!readFile(std::string("/proc/") + entry->d_name + "/stat", 4096, line)) continue;
    // The name in parentheses may itself hold parentheses and blanks: what counts follows the last one.
    const size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) continue;
    Process process;
    char state = 0;
    unsigned long long born = 0;
    process.pid = static_cast<pid_t>(strtol(entry->d_name, nullptr, 10));
    int threads = 0;
    // Fields 3 to 6, 20 and 22 of proc(5).
    if (sscanf(line.c_str() + name_end + 1,
               " %c %d %d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d %*s %llu", &state,
               &process.parent, &process.group, &process.session, &threads, &born) != 6) {
      continue;
    }
    process.born = born;
    const size_t name_start = line.find('(') + 1;
    process.name = line.substr(name_start, name_end - name_start);
    // The state is that of the first thread: when it has exited, the others may work on.
    process.zombie = (state == 'Z' || state == 'X') && threads <= 1;
    table.emplace(process.pid, process);
  }
  return table;
}

std::vector<pid_t> processesOf(uid_t uid) {
  std::vector<pid_t> found;
  for (const auto& [pid, process] : readProcesses()) {
    struct stat status {};
    if (stat(("/proc/" + std::to_string(pid)).c_str(), &status) == 0 && status.st_uid == uid)
      found.push_back(pid);
  }
  return found;
}

uint64_t ticksSinceBoot() {
  static const auto kEachSecond = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * kEachSecond +
         static_cast<uint64_t>(now.tv_nsec) / (1'000'000'000 / kEachSecond);
}

std::string variableOf(pid_t pid, const std::string& name) {
  constexpr size_t kMaxEnvironment = 4 * 1024 * 1024;
  std::string environment;
  if (!readFile("/proc/" + std::to_string(pid) + "/environ", kMaxEnvironment, environment)) return {};
  std::string_view rest = environment;
  while (!rest.empty()) {
    const auto entry = rest.substr(0, rest.find('\0'));
    if (entry.size() > name.size() && entry.substr(0, name.size()) == name && entry[name.size()] == '=') {
      return std::string(entry.substr(name.size() + 1));
    }
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
  }
  return {};
}

Orphans::Orphans() {
  const std::string self = std::to_string(getpid());
  children_.reset(open(("/proc/" + self + "/task/" + self + "/children").c_str(), O_RDONLY | O_CLOEXEC));
}

bool Orphans::none(const std::map<pid_t, std::string>& leaders) const {
  siginfo_t child{};
  if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) return true;
  if (!children_) return false;
  std::string list;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = pread(children_.get(), part.data(), part.size(), static_cast<off_t>(list.size()));
    if (got < 0) return false;
    if (got == 0) break;
    list.append(part.data(), static_cast<size_t>(got));
  }
  const char* at = list.c_str();
  for (;;) {
    char* end = nullptr;
    const long pid = strtol(at, &end, 10);
    if (end == at) return true;
    if (leaders.count(static_cast<pid_t>(pid)) == 0) return false;
    at = end;
  }
}

}  // namespace vx11::spawner
