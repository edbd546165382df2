#include "spawner_client/outbox.hpp"

#include <utility>

namespace vx11::spawner_client {

void Outbox::open(int socket) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
}

void Outbox::close() {
  // Declared first, so that the packets and their descriptors are closed after the lock is released.
  std::deque<spawner::Packet> dropped;
  const std::lock_guard lock(mutex_);
  socket_ = -1;
  dropped.swap(queue_);
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

bool Outbox::send(spawner::Packet packet) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || !fault_.empty()) return false;
  const bool first = queue_.empty();
  if (first && trySend(packet)) return true;
  if (!fault_.empty()) {
    wake_.signal();
    return false;
  }
  queue_.push_back(std::move(packet));
  if (first) wake_.signal();
  return true;
}

bool Outbox::sendBack(Refused refused) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || !fault_.empty()) return false;
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
