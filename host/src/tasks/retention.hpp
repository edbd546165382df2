// Removes what is older than the configuration wants to keep, a little at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace vx11::store {
class Database;
}

namespace vx11::tasks {

class Retention {
 public:
  // `kept`: since the end of a task; 0: for ever. `spool` is where outputs lie. The database must outlive
  // this.
  Retention(store::Database& database, std::filesystem::path spool, std::chrono::days kept);
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  void start();
  void stop();

 private:
  void run();
  // False where nothing more is too old.
  bool removeSome();

  store::Database& database_;
  const std::filesystem::path spool_;
  const std::chrono::days kept_;
  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vx11::tasks
