#include "store/reader_pool.hpp"

namespace vx11::store {

ReaderPool::ReaderPool(const std::filesystem::path& file, size_t count,
                       std::chrono::milliseconds busy_timeout) {
  for (size_t i = 0; i < count; ++i) {
    sessions_.push_back(std::make_unique<ReadSession>(file, busy_timeout));
    free_.push_back(sessions_.back().get());
  }
}

ReadSession& ReaderPool::take() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [this] { return !free_.empty(); });
  ReadSession& session = *free_.back();
  free_.pop_back();
  return session;
}

void ReaderPool::give(ReadSession& session) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(&session);
  }
  freed_.notify_one();
}

}  // namespace vx11::store
