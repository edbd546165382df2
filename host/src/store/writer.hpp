// The thread that owns the only writing connection, and commits what is queued as groups.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "store/database.hpp"
#include "store/wal.hpp"

namespace vx11::store {

// Thread-safe. The destructor commits what is queued.
class Writer {
 public:
  Writer(const std::filesystem::path& file, std::unique_ptr<WriteSession> session,
         std::chrono::milliseconds lazy_delay);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void submit(Database::Job job, Database::Done done, Urgency urgency);
  size_t queued() const;
  uint64_t commits() const { return session_->commits(); }

 private:
  struct Entry {
    Database::Job job;
    Database::Done done;
    Urgency urgency;
  };
  // What became of one transaction.
  struct Outcome {
    bool begun = false;
    size_t tried = 0;          // entries at the front whose jobs were run
    std::exception_ptr error;  // null: all of those are committed
  };

  void loop();
  // Waits for work, and tidies the WAL meanwhile. False when there is none left and the writer is to end.
  bool take(std::vector<Entry>& group);
  // Ends at least the first entry, and gives those that are left.
  std::span<Entry> commitSome(std::span<Entry> entries);
  Outcome transact(std::span<Entry> entries);
  static void finish(std::span<Entry> entries, std::exception_ptr error);

  const std::unique_ptr<WriteSession> session_;
  const std::chrono::milliseconds lazy_delay_;
  Wal wal_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> queue_;
  size_t urgent_ = 0;  // entries of the queue that are kNow
  std::chrono::steady_clock::time_point lazy_due_;
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace vx11::store
