// Starts the vx11-spawner program for a host that found nobody at the socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vx11::spawner {

struct LaunchOptions {
  std::filesystem::path binary;  // vx11-spawner
  std::filesystem::path socket;
  std::filesystem::path spool_directory;
  std::filesystem::path tasks_directory;
  std::filesystem::path log_file;          // empty: the spawner's own choice
  std::string uid_range;                   // "FIRST-LAST"; empty: the spawner's own choice
  uint32_t max_processes = 1024;           // of a daughter with an id or namespaces of its own; 0: no limit
  uint64_t max_output_bytes = 1ULL << 30;  // of one stream in the spool; 0: no limit
  // Of a daughter with an id or namespaces of its own; 0: no limit.
  uint64_t max_directory_bytes = 512ULL << 20;
  bool cgroups = true;         // for daughters, where there are some
  bool namespaces = true;      // for daughters without user ids of their own, where the system allows it
  bool pid_namespaces = true;  // with those, where there are no cgroups
  std::vector<std::filesystem::path> hidden;  // what those must not see
  uint32_t host_uid = 0;                      // the uid that will connect; 0: the one that starts it
  uint32_t idle_exit_seconds = 60;
  std::chrono::milliseconds kill_grace{2000};  // for daughters that end because the spawner ends
  std::chrono::milliseconds deadline{10'000};  // for the program to say that it serves, by exiting with 0
  int cancel_fd = -1;                          // readable: give up at once; -1: never
};

// Runs `binary --background …` and waits for its exit: nullopt when it, or another, serves now or in a
// moment, else one sentence that says why not (its own, as it wrote it to stderr, where there is one). Past
// the deadline, or when cancelled, that program is killed and no longer waited for; the spawner that it has
// sent into the background may still come to serve. It gets a clean environment, default signals, a session
// of its own, "/" as working directory and no descriptor of ours. Thread-safe; blocks for at most the
// deadline; needs SIGCHLD not to be ignored.
std::optional<std::string> startSpawner(const LaunchOptions& options);

}  // namespace vx11::spawner
