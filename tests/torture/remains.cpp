#include "remains.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "spawner_processes.hpp"
#include "temp_directory.hpp"
#include "wait.hpp"

namespace vx11::torture {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kPatience{6000 * test::kSlowness};

struct Look {
  std::vector<pid_t> parents;
  uid_t first_uid = 0;
  uid_t last_uid = 0;
};

struct Stat {
  char state = '?';
  pid_t parent = 0;
};

Stat statOf(const std::string& directory) {
  const std::string text = test::readFile(directory + "/stat");
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= text.size()) return {};
  return {text[name_end + 2], static_cast<pid_t>(std::atoi(text.c_str() + name_end + 4))};
}

std::string taskIdOf(const std::string& directory) {
  constexpr std::string_view kName = "VX11_TASK_ID=";
  const std::string environment = '\0' + test::readFile(directory + "/environ");
  const auto found = environment.find('\0' + std::string(kName));
  if (found == std::string::npos) return {};
  const auto begin = found + 1 + kName.size();
  return environment.substr(begin, environment.find('\0', begin) - begin);
}

void lookAtProcess(const Look& look, const std::set<std::string>& uuids, pid_t pid,
                   std::vector<std::string>& found) {
  const std::string directory = "/proc/" + std::to_string(pid);
  const auto stat = statOf(directory);
  const auto complain = [&](const std::string& what) {
    found.push_back("process " + std::to_string(pid) + " " + what + ": " +
                    test::readFile(directory + "/comm"));
  };
  if (stat.state == 'Z') {
    if (std::find(look.parents.begin(), look.parents.end(), stat.parent) != look.parents.end())
      complain("is a zombie");
    return;
  }
  struct stat status {};
  const bool ours = ::stat(directory.c_str(), &status) == 0 && look.first_uid != 0 &&
                    status.st_uid >= look.first_uid && status.st_uid <= look.last_uid;
  if (ours) {
    complain("has the user id " + std::to_string(status.st_uid));
  } else if (const auto id = taskIdOf(directory); uuids.contains(id)) {
    complain("has the id of the finished task " + id);
  }
}

void lookAtProcesses(const Look& look, const std::set<std::string>& uuids, std::vector<std::string>& found) {
  std::error_code ignored;
  for (fs::directory_iterator it("/proc", ignored), last; it != last; it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    pid_t pid = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && rest == name.data() + name.size()) lookAtProcess(look, uuids, pid, found);
  }
}

void lookAtDirectories(Scene& scene, std::vector<std::string>& found) {
  for (const auto& name : scene.daemon().taskDirectories())
    found.push_back("the task directory " + name + " is left");
}

bool populated(const fs::path& cgroup) {
  return test::readFile(cgroup / "cgroup.events").find("populated 1") != std::string::npos;
}

// Wherever they lie: those of the living spawner are empty, and of a dead one none is left.
void lookAtCgroups(const std::set<pid_t>& spawners, pid_t living, std::vector<std::string>& found) {
  constexpr std::string_view kPrefix = "vx11-spawner-";
  std::error_code ignored;
  for (fs::recursive_directory_iterator it("/sys/fs/cgroup", ignored), last; it != last;
       it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(kPrefix) || !it->is_directory(ignored)) continue;
    const auto spawner = static_cast<pid_t>(std::atoi(name.c_str() + kPrefix.size()));
    if (spawner == living && populated(it->path()))
      found.push_back("something lives in the cgroup " + it->path().string());
    else if (spawner != living && spawners.contains(spawner))
      found.push_back("the cgroup " + it->path().string() + " is left");
  }
}

uid_t numberIn(const std::string& text, size_t begin) {
  return static_cast<uid_t>(std::strtoul(text.c_str() + begin, nullptr, 10));
}

}  // namespace

std::vector<std::string> remainsOf(Scene& scene, const std::set<std::string>& uuids) {
  std::vector<std::string> found;
  test::eventually(
      [&] {
        found.clear();
        Look look{test::spawnersOf(scene.daemon().spawnerSocket()), 0, 0};
        if (look.parents.size() != 1)
          found.push_back(std::to_string(look.parents.size()) + " spawners instead of one");
        else
          scene.meetSpawner(look.parents.front());
        const pid_t spawner = look.parents.empty() ? 0 : look.parents.front();
        look.parents.push_back(scene.daemon().pid());
        if (geteuid() == 0) {
          look.first_uid = numberIn(scene.uids(), 0);
          look.last_uid = numberIn(scene.uids(), scene.uids().find('-') + 1);
        }
        lookAtProcesses(look, uuids, found);
        lookAtDirectories(scene, found);
        lookAtCgroups(scene.spawnersMet(), spawner, found);
        return found.empty();
      },
      kPatience);
  return found;
}

}  // namespace vx11::torture
