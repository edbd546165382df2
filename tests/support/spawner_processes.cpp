#include "spawner_processes.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

#include "base/unique_fd.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

namespace vx11::test {

namespace {

bool serves(pid_t pid, const std::filesystem::path& socket) {
  // A zombie has no command line.
  const std::string line = readFile("/proc/" + std::to_string(pid) + "/cmdline");
  const std::string wanted = std::string("--socket") + '\0' + socket.string() + '\0';
  return line.find(wanted) != std::string::npos;
}

// What brings back a spawner of root's: same command line, other name.
bool isMonitor(pid_t pid) {
  return readFile("/proc/" + std::to_string(pid) + "/comm") == "vx11-monitor\n";
}

// The fourth field of stat, behind the name in parentheses, which may hold anything.
pid_t parentOf(pid_t pid) {
  const std::string stat = readFile("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  return std::atoi(stat.c_str() + name_end + 4);
}

// Waits with the handle, so that a pid that is used again is never signalled.
bool end(pid_t pid, const std::filesystem::path& socket) {
  const UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!handle || !serves(pid, socket)) return true;
  pollfd gone{handle.get(), POLLIN, 0};
  syscall(SYS_pidfd_send_signal, handle.get(), SIGTERM, nullptr, 0);
  // The spawner promises to be gone within 5 s.
  if (poll(&gone, 1, 7000 * kSlowness) > 0) return true;
  syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
  poll(&gone, 1, static_cast<int>(kDeadline.count()));
  return false;
}

std::vector<pid_t> allOf(const std::filesystem::path& socket, bool monitors) {
  std::vector<pid_t> all;
  std::error_code ignored;
  for (std::filesystem::directory_iterator it("/proc", ignored), last; it != last; it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    pid_t pid = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && rest == name.data() + name.size() && serves(pid, socket) &&
        isMonitor(pid) == monitors) {
      all.push_back(pid);
    }
  }
  return all;
}

}  // namespace

std::vector<pid_t> spawnersOf(const std::filesystem::path& socket) {
  const auto all = allOf(socket, false);
  std::vector<pid_t> heads;
  for (const pid_t pid : all) {
    if (std::find(all.begin(), all.end(), parentOf(pid)) == all.end()) heads.push_back(pid);
  }
  return heads;
}

std::vector<pid_t> monitorsOf(const std::filesystem::path& socket) {
  return allOf(socket, true);
}

bool endSpawnersOf(const std::filesystem::path& socket) {
  bool polite = true;
  for (const pid_t pid : spawnersOf(socket)) polite = end(pid, socket) && polite;
  // Gone with their workers, but for one that is about to bring back a worker that was killed.
  for (const pid_t pid : monitorsOf(socket)) polite = end(pid, socket) && polite;
  return polite;
}

}  // namespace vx11::test
