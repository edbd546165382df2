// What has become of tasks since this host started.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace vx11::tasks {

// Upper bounds of duration, in seconds; the last one is infinity.
inline constexpr std::array<double, 8> kDurationBounds{0.01, 0.1, 1, 10, 60, 600, 3600, 86400};

// Thread-safe.
class Tally {
 public:
  struct Durations {
    std::array<uint64_t, kDurationBounds.size() + 1> counts{};  // each in the first bucket that holds it
    uint64_t count = 0;
    double seconds = 0;
  };
  struct Snapshot {
    std::map<std::string, uint64_t> accepted;                                // by task type
    std::map<std::pair<std::string, std::string>, uint64_t> attempts_ended;  // by task type and outcome
    std::map<std::string, Durations> durations;  // of those that were started, by type
  };

  void accepted(const std::string& task_type);
  // `started`: whether a process was started at all.
  void attemptEnded(const std::string& task_type, const std::string& outcome, bool started,
                    std::chrono::milliseconds duration);
  Snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;
  Snapshot all_;
};

}  // namespace vx11::tasks
