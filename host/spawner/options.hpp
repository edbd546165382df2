// The command line of vx11-spawner.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace vx11::spawner {

struct UidRange {
  uid_t first = 0;
  uid_t last = 0;  // inclusive
};

struct Options {
  std::string socket;
  std::string spool;
  std::string tasks;
  // systemd documents 1879048192 to 2147352575 as unused by anything it knows (systemd.io/UIDS-GIDS), and
  // Debian's subordinate ids end at 600100000.
  UidRange uid_range{1'900'000'000, 1'900'000'999};
  uint64_t max_processes = 1024;           // of a daughter with an id or namespaces of its own; 0: no limit
  uint64_t max_output_bytes = 1ULL << 30;  // of one stream in the spool; 0: no limit
  uint64_t max_directory_bytes =
      512ULL << 20;                 // of a task with an id or namespaces of its own, in memory; 0: no limit
  bool cgroups = true;              // where there are some
  bool namespaces = true;           // where there are no own ids and the system allows them
  bool pid_namespaces = true;       // with those, where there are no cgroups
  std::vector<std::string> hidden;  // absolute; what daughters in namespaces must not see
  std::optional<uid_t> host_uid;    // who may connect besides root and the spawner's own user
  std::chrono::seconds idle_exit{60};          // 0: never
  std::chrono::milliseconds kill_grace{2000};  // for daughters that end because the spawner ends
  std::string log;                             // empty: stderr
  bool background = false;
  bool log_plans = false;
  bool version = false;
};

// One sentence that says what to change.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

extern const char* const kUsage;

Options parseOptions(int argc, const char* const* argv);

// "1900000000-1900000999": two ids or more, neither of them root's; throws UsageError.
UidRange parseUidRange(const std::string& text);

}  // namespace vx11::spawner
