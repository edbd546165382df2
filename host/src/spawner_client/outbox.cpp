#include "spawner_client/outbox.hpp"

#include <utility>

namespace vx11::spawner_client {

namespace {

// A host whose clients do not wait for results sends nothing else for long.
constexpr size_t kMaxLater = 64;

}  // namespace

uint64_t Outbox::open(int socket) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
  return ++connection_;
}

void Outbox::close() {
  // Declared first, so that the packets and their descriptors are closed after the lock is released.
  std::deque<spawner::Packet> dropped;
  std::vector<spawner::Packet> dropped_later;
  const std::lock_guard lock(mutex_);
  socket_ = -1;
  dropped.swap(queue_);
  dropped_later.swap(later_);
  sent_back_.clear();
  fault_.clear();
}

bool Outbox::isOpen() const {
  const std::lock_guard lock(mutex_);
  return socket_ >= 0 && fault_.empty();
}

bool Outbox::trySend(const spawner::Packet& packet) {
  try {
    return spawner::sendPacket(socket_, packet);
  } catch (const spawner::ProtocolError& e) {
    fault_ = e.what();
    return false;
  }
}

void Outbox::sendInOrder(spawner::Packet packet) {
  const bool first = queue_.empty();
  if (first && trySend(packet)) return;
  if (fault_.empty()) queue_.push_back(std::move(packet));
  if (first) wake_.signal();
}

void Outbox::sendWaiting() {
  for (auto& packet : later_) {
    if (fault_.empty()) sendInOrder(std::move(packet));
  }
  later_.clear();
}

bool Outbox::send(spawner::Packet packet) {
  const std::lock_guard lock(mutex_);
  return sendNow(std::move(packet));
}

bool Outbox::send(spawner::Packet packet, uint64_t connection) {
  const std::lock_guard lock(mutex_);
  return connection == connection_ && sendNow(std::move(packet));
}

bool Outbox::sendNow(spawner::Packet packet) {
  if (socket_ < 0 || !fault_.empty()) return false;
  sendWaiting();
  if (fault_.empty()) sendInOrder(std::move(packet));
  return fault_.empty();
}

bool Outbox::sendLater(spawner::Packet packet) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || !fault_.empty()) return false;
  later_.push_back(std::move(packet));
  if (later_.size() >= kMaxLater) sendWaiting();
  if (!comes_back_soon_) wake_.signal();
  return true;
}

bool Outbox::sleeping(bool comes_back_soon) {
  const std::lock_guard lock(mutex_);
  comes_back_soon_ = comes_back_soon || !later_.empty();
  return comes_back_soon_;
}

bool Outbox::sendBack(Refused refused, uint64_t connection) {
  const std::lock_guard lock(mutex_);
  if (connection != connection_ || socket_ < 0 || !fault_.empty()) return false;
  sent_back_.push_back(std::move(refused));
  wake_.signal();
  return true;
}

bool Outbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return !queue_.empty() && fault_.empty();
}

void Outbox::flush() {
  const std::lock_guard lock(mutex_);
  while (!queue_.empty() && fault_.empty() && trySend(queue_.front())) queue_.pop_front();
  if (fault_.empty()) sendWaiting();
}

std::vector<Refused> Outbox::takeSentBack() {
  const std::lock_guard lock(mutex_);
  return std::exchange(sent_back_, {});
}

std::string Outbox::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

}  // namespace vx11::spawner_client
