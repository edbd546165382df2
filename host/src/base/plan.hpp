// What the spawner starts for one attempt: a plain value, made by a plugin's plan() and completed by the
// host.
//
// Nothing here is interpreted by a shell. Strings are bytes without NUL; the spawner checks that again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vx11 {

// PATH of every daughter, unless its request sets another; also where an interpreter's bare name is looked
// for.
inline constexpr std::string_view kTaskPath = "/usr/local/bin:/usr/bin:/bin";

// A file that the spawner writes into the task directory before the program starts.
struct PlanFile {
  std::string name;      // a single path component or a relative path without "..", at most 255 bytes
  std::string content;   // any bytes
  uint32_t mode = 0600;  // permission bits, at most 0777
};

// One element of argv after argv[0].
struct PlanArg {
  std::string text;
  bool in_task_directory = false;  // true: text is the name of a PlanFile, replaced by its absolute path

  bool operator==(const PlanArg&) const = default;
};

// What a task may use at most, beside what all tasks may; 0: no more than that. Where the limit is the
// kernel's (setrlimit(2)), it holds for each of its processes, and what exceeds it fails or is ended by a
// signal.
struct PlanLimits {
  uint64_t cpu_seconds = 0;          // SIGXCPU, a second later SIGKILL
  uint64_t address_space_bytes = 0;  // more cannot be allocated or mapped
  uint64_t file_bytes = 0;           // of a file that it writes: SIGXFSZ
  uint64_t open_files = 0;
  uint64_t processes = 0;     // and threads, of the task
  uint64_t output_bytes = 0;  // that are kept of each of its two streams
  bool kill_at_output_limit = false;

  bool operator==(const PlanLimits&) const = default;
};

struct Plan {
  std::string program;  // absolute path; also argv[0]
  std::vector<PlanArg> args;
  // The whole environment of the program but for the variables that name the task directory (HOME, TMPDIR,
  // PWD), which only the spawner knows.
  std::vector<std::pair<std::string, std::string>> env;
  std::string cwd;          // absolute; empty: the task directory
  std::string stdin_bytes;  // empty: /dev/null
  std::vector<PlanFile> files;
  PlanLimits limits;
  // Of variables that come from elsewhere at the start: their values are never written down.
  std::vector<std::string> secret_names;
};

}  // namespace vx11
