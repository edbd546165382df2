#include "recording_listener.hpp"

#include "wait.hpp"

namespace vx11::spawner_client {

void RecordingListener::onGrown(const Grown& grown) {
  record("grown " + grown.nonce + ": " + std::to_string(grown.out_bytes) + " " +
         std::to_string(grown.err_bytes));
}

void RecordingListener::record(std::string event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

void RecordingListener::onConnected(const Welcome& welcome) {
  {
    const std::lock_guard lock(mutex_);
    welcome_ = welcome;
  }
  record("connected " + welcome.instance);
  if (when_connected) when_connected();
}

void RecordingListener::onDisconnected(const std::string& reason) {
  record("disconnected: " + reason);
}

void RecordingListener::onStarted(const Started& started) {
  record("started " + started.nonce);
}

void RecordingListener::onFinished(Finished finished) {
  const std::string nonce = finished.nonce;
  {
    const std::lock_guard lock(mutex_);
    finished_ = std::move(finished);
  }
  record("finished " + nonce);
}

void RecordingListener::onRefused(const Refused& refused) {
  {
    const std::lock_guard lock(mutex_);
    refused_ = refused;
  }
  record("refused " + refused.nonce + ": " + refused.reason);
}

std::vector<std::string> RecordingListener::events(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, std::chrono::system_clock::now() + test::kDeadline,
                      [&] { return events_.size() >= count; });
  return events_;
}

Welcome RecordingListener::welcome() {
  const std::lock_guard lock(mutex_);
  return welcome_;
}

Finished RecordingListener::finished() {
  const std::lock_guard lock(mutex_);
  return finished_;
}

Refused RecordingListener::refused() {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace vx11::spawner_client
