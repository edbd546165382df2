#include "setting.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include <Poco/JSON/Object.h>

namespace vx11::test {

namespace fs = std::filesystem;

namespace {

std::string launcherAs(unsigned user) {
  const auto id = std::to_string(user);
  return "setpriv --reuid=" + id + " --regid=" + id + " --clear-groups";
}

}  // namespace

void startThrough(Daemon& daemon, const std::string& prelude, const std::string& launcher) {
  const auto script = daemon.directory() / "start";
  writeFile(script,
            "#!/bin/sh\nset -e\n" + prelude + "\nexec " + launcher + (launcher.empty() ? "" : " ") +
                daemon.binary().string() + " \"$@\"\n",
            0755);
  daemon.setBinary(script);
}

void installForEverybody(Daemon& daemon) {
  const auto programs = daemon.directory() / "installed";
  const auto plugins = programs / "plugins";
  fs::create_directories(plugins);
  for (const auto& directory : {programs, plugins}) fs::permissions(directory, static_cast<fs::perms>(0755));
  copyForEverybody(VX11D_BINARY, programs / "vx11d");
  copyForEverybody(VX11_SPAWNER_BINARY, programs / "vx11-spawner");
  for (const auto& plugin : fs::directory_iterator(VX11_PLUGIN_DIRECTORY))
    copyForEverybody(plugin, plugins / plugin.path().filename());
  daemon.setBinary(programs / "vx11d");
  daemon.set("spawner.binary", (programs / "vx11-spawner").string());
  daemon.set("plugins.path", plugins.string());
}

void startAs(Daemon& daemon, unsigned user) {
  installForEverybody(daemon);
  startThrough(daemon, "", launcherAs(user));
  const auto give = [user](const fs::path& path) {
    if (lchown(path.c_str(), user, user) != 0) throw std::runtime_error("cannot give away " + path.string());
  };
  give(daemon.directory());
  for (const auto& entry : fs::recursive_directory_iterator(daemon.directory())) give(entry.path());
}

void startAsNobody(Daemon& daemon) {
  startAs(daemon, kNobody);
}

std::string whyNotAs(unsigned user) {
  if (geteuid() != 0) return "only root can start vx11d as another user";
  const auto result = runCommand({"/bin/sh", "-c", launcherAs(user) + " true"});
  return result.exit_status == 0
             ? ""
             : "no program can be run as user " + std::to_string(user) + ": " + result.err;
}

std::string whyNotAsNobody() {
  return whyNotAs(kNobody);
}

unsigned ownerOf(pid_t pid) {
  struct stat status {};
  const auto process = "/proc/" + std::to_string(pid);
  if (stat(process.c_str(), &status) != 0)
    throw std::runtime_error("there is no process " + std::to_string(pid));
  // The owner of /proc/PID is root for a process that may not be dumped, so the file inside is read.
  std::istringstream lines(readFile(process + "/status"));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("Uid:")) return static_cast<unsigned>(std::stoul(line.substr(5)));
  }
  throw std::runtime_error("no uid in " + process + "/status");
}

std::string spawnBody(const std::string& task_type, const std::string& code) {
  Poco::JSON::Object body;
  body.set("task_type", task_type);
  body.set("code", code);
  std::ostringstream text;
  body.stringify(text);
  return text.str();
}

}  // namespace vx11::test
