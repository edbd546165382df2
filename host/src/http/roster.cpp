#include "http/roster.hpp"

#include <sys/socket.h>

#include "http/client_socket.hpp"

namespace vx11::http {

bool Roster::admit(ClientSocketImpl& socket) {
  const std::lock_guard lock(mutex_);
  if (open_.size() >= limit_) return false;
  open_.insert(&socket);
  unstarted_.insert(&socket);
  return true;
}

void Roster::started(ClientSocketImpl& socket) {
  const std::lock_guard lock(mutex_);
  unstarted_.erase(&socket);
  changed_.notify_all();
}

void Roster::leave(ClientSocketImpl& socket) {
  const std::lock_guard lock(mutex_);
  unstarted_.erase(&socket);
  if (open_.erase(&socket) != 0) changed_.notify_all();
}

size_t Roster::size() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

bool Roster::waitStarted(MonoTime deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return unstarted_.empty(); });
}

void Roster::endIdle() {
  const std::lock_guard lock(mutex_);
  for (auto* const socket : open_) {
    if (socket->idle()) ::shutdown(socket->descriptor(), SHUT_RD);
  }
}

void Roster::endAll() {
  const std::lock_guard lock(mutex_);
  for (auto* const socket : open_) ::shutdown(socket->descriptor(), SHUT_RDWR);
}

bool Roster::waitEmpty(MonoTime deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return open_.empty(); });
}

void Roster::waitEmpty() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return open_.empty(); });
}

}  // namespace vx11::http
