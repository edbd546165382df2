#include "processes.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "temp_directory.hpp"

namespace vx11::test {

namespace {

bool see(const std::string& name, SeenProcess& process) {
  const std::string stat = readFile("/proc/" + name + "/stat");
  const auto name_begin = stat.find('(');
  const auto name_end = stat.rfind(')');
  char state = 0;
  int threads = 0;
  // Fields 3, 4 and 20 of proc(5).
  if (name_end == std::string::npos ||
      sscanf(stat.c_str() + name_end + 1,
             " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &state, &process.parent,
             &threads) != 3) {
    return false;
  }
  process.name = stat.substr(name_begin + 1, name_end - name_begin - 1);
  // With more threads than the first, which has exited, it lives.
  process.zombie = (state == 'Z' || state == 'X') && threads <= 1;
  // The owner of the directory is root for a process that may not be dumped. Its name in front cannot hold a
  // line's end: the kernel writes \n for it.
  const std::string status = readFile("/proc/" + name + "/status");
  const auto uid = status.find("\nUid:\t");
  if (uid == std::string::npos) return false;
  process.uid = static_cast<uid_t>(strtoul(status.c_str() + uid + 6, nullptr, 10));
  return true;
}

}  // namespace

SeenProcesses seeProcesses() {
  SeenProcesses all;
  std::error_code ignored;
  for (std::filesystem::directory_iterator it("/proc", ignored), last; it != last; it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    SeenProcess process;
    if (see(name, process)) all.emplace(static_cast<pid_t>(std::stol(name)), process);
  }
  return all;
}

std::set<pid_t> descendantsOf(const SeenProcesses& all, pid_t ancestor) {
  std::set<pid_t> found;
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [pid, process] : all) {
      if (process.parent == ancestor || found.contains(process.parent)) grown |= found.insert(pid).second;
    }
  }
  return found;
}

std::string taskIdOf(pid_t pid) {
  constexpr std::string_view kName = "VX11_TASK_ID=";
  const std::string environment = '\0' + readFile("/proc/" + std::to_string(pid) + "/environ");
  const auto at = environment.find('\0' + std::string(kName));
  return at == std::string::npos ? "" : environment.c_str() + at + 1 + kName.size();
}

}  // namespace vx11::test
