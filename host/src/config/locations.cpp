#include "config/locations.hpp"

#include <linux/magic.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <optional>

#include "base/error.hpp"

namespace vx11::config {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = getenv(name);
  return value != nullptr ? value : "";
}

fs::path stateDirectory() {
  if (geteuid() == 0) return "/var/lib/vx11";
  if (const auto state = environment("XDG_STATE_HOME"); state.starts_with('/'))
    return fs::path(state) / "vx11";
  if (const auto home = environment("HOME"); home.starts_with('/'))
    return fs::path(home) / ".local/state/vx11";
  throw Error(ErrorCode::kConfiguration,
              "there is no place for the state: set state.directory, or HOME, or XDG_STATE_HOME");
}

// Eight hex digits that tell installations on one machine apart (FNV-1a, 64 bit, folded).
std::string installationTag(const fs::path& state) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : state.lexically_normal().string()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  char text[9];
  snprintf(text, sizeof text, "%08x", static_cast<uint32_t>(hash ^ (hash >> 32)));
  return text;
}

enum class Medium { kTmpfs, kTmpfsWithoutExec, kOther };

std::optional<Medium> mediumOf(const fs::path& directory) {
  struct statfs kind {};
  struct statvfs flags {};
  if (statfs(directory.c_str(), &kind) != 0 || statvfs(directory.c_str(), &flags) != 0) return std::nullopt;
  if (access(directory.c_str(), W_OK) != 0) return std::nullopt;
  if (kind.f_type != TMPFS_MAGIC) return Medium::kOther;
  return (flags.f_flag & ST_NOEXEC) != 0 ? Medium::kTmpfsWithoutExec : Medium::kTmpfs;
}

// Memory, because a task directory is made and removed for each task; and one that programs may be run from
// where there is a choice, for people compile things (Debian mounts /run noexec).
fs::path tasksDirectory(const fs::path& state) {
  std::vector<fs::path> candidates;
  if (geteuid() == 0) {
    candidates.emplace_back("/run");
  } else if (const auto runtime = environment("XDG_RUNTIME_DIR"); runtime.starts_with('/')) {
    candidates.emplace_back(runtime);
  }
  candidates.emplace_back("/dev/shm");
  const auto name = "vx11-" + installationTag(state);
  for (const auto wanted : {Medium::kTmpfs, Medium::kTmpfsWithoutExec, Medium::kOther}) {
    for (const auto& candidate : candidates) {
      if (mediumOf(candidate) == wanted) return candidate / name;
    }
  }
  return fs::path("/tmp") / name;
}

fs::path binaryDirectory() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

// In an installation it lies in libexec, for it is nothing to be typed; in a build tree beside us.
fs::path spawnerProgram() {
  const auto installed = binaryDirectory().parent_path() / VX11_INSTALL_LIBEXECDIR / "vx11/vx11-spawner";
  std::error_code ignored;
  return fs::exists(installed, ignored) ? installed : binaryDirectory() / "vx11-spawner";
}

fs::path pluginDirectory() {
  const auto prefix = binaryDirectory().parent_path();
  auto installed = prefix / VX11_INSTALL_LIBDIR / "vx11/plugins";
  return fs::is_directory(installed) ? installed : prefix / "lib/vx11/plugins";
}

}  // namespace

void fillLocations(Config& config) {
  if (config.state_directory.empty()) config.state_directory = stateDirectory();
  if (config.auth.token_file.empty()) config.auth.token_file = config.state_directory / "token";
  if (config.tasks.directory.empty()) config.tasks.directory = tasksDirectory(config.state_directory);
  // The client and the spawner bind and connect through /proc/self/fd, so a path of any length will do.
  if (config.spawner.socket.empty()) config.spawner.socket = config.state_directory / "spawner.sock";
  if (config.spawner.binary.empty()) config.spawner.binary = spawnerProgram();
  if (config.plugin_path.empty()) config.plugin_path.push_back(pluginDirectory());
}

}  // namespace vx11::config
