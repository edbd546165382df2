// Reading connections, lent out one at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "store/session.hpp"

namespace vx11::store {

// Thread-safe. Not Poco's SessionPool: that one throws at once when it is empty, and ends transactions that
// it cannot see. The last lent one is lent again first, so that a quiet host uses one cache only.
class ReaderPool {
 public:
  ReaderPool(const std::filesystem::path& file, size_t count, std::chrono::milliseconds busy_timeout);

  // Waits for a free one.
  ReadSession& take();
  void give(ReadSession& session);

 private:
  std::vector<std::unique_ptr<ReadSession>> sessions_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<ReadSession*> free_;
};

}  // namespace vx11::store
