// The end of a host that cannot end politely.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace vx11 {

// From its construction on, the process has `limit` to stop. Past it, whatever hangs (a plugin's plan(), a
// disk that does not answer) is logged and the process exits with status 1 as it stands, which costs no more
// than kill -9 would: what was answered is committed. Destroyed in time, it does nothing.
class StopLimit {
 public:
  explicit StopLimit(std::chrono::seconds limit);
  ~StopLimit();
  StopLimit(const StopLimit&) = delete;
  StopLimit& operator=(const StopLimit&) = delete;

 private:
  void watch(std::chrono::seconds limit);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace vx11
