#include "spawner/host_connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

namespace vx11::spawner {

namespace {

constexpr int kPacketsEachTurn = 32;

}  // namespace

HostConnection::HostConnection(EventLoop& loop, Peer peer, Handlers handlers)
    : peer_(std::move(peer)),
      handlers_(std::move(handlers)),
      watch_(loop, peer_.socket.get(), EPOLLIN, [this](uint32_t events) { onEvents(events); }) {}

void HostConnection::onEvents(uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush();
  for (int i = 0; i < kPacketsEachTurn && readOne(); ++i) continue;
}

void HostConnection::drain() {
  while (readOne()) continue;
}

void HostConnection::stopReading() {
  if (!open() || !reading_) return;
  reading_ = false;
  shutdown(peer_.socket.get(), SHUT_RD);
  // What was on its way is still there to be read (unix_shutdown in the kernel's net/unix/af_unix.c).
  drain();
  if (open()) watch_.change(waiting_ ? uint32_t{EPOLLOUT} : 0);
}

bool HostConnection::readOne() {
  if (!open()) return false;
  try {
    auto packet = receivePacket(peer_.socket.get());
    if (!packet) return false;
    if (packet->bytes.empty()) {
      if (!reading_) return false;  // our own end of it
      close("the host closed the connection");
      return false;
    }
    handlers_.message(decode(std::move(*packet)));
    return true;
  } catch (const ProtocolError& error) {
    fault(error.what());
    return false;
  }
}

void HostConnection::send(Message message) {
  if (!open()) return;
  try {
    outbox_.push_back(encode(std::move(message)));
  } catch (const ProtocolError& error) {
    // No memfd for a long output, say. What is not acknowledged is said again on the next connection.
    close(error.what());
    return;
  }
  if (outbox_.size() == 1) flush();
}

void HostConnection::flush() {
  if (!open()) return;
  try {
    while (!outbox_.empty() && sendPacket(peer_.socket.get(), outbox_.front())) outbox_.pop_front();
  } catch (const ProtocolError& error) {
    // Broken for writing. What the host said before it went is still to be read, so the end is found by
    // reading, also where only we see it: the host hangs up when it reads ours.
    outbox_.clear();
    shutdown(peer_.socket.get(), SHUT_WR);
  }
  const bool blocked = !outbox_.empty();
  const uint32_t wanted = (reading_ ? uint32_t{EPOLLIN} : 0) | (blocked ? uint32_t{EPOLLOUT} : 0);
  if (blocked != waiting_) watch_.change(wanted);
  waiting_ = blocked;
}

void HostConnection::fault(const std::string& reason) {
  if (!open()) return;
  try {
    sendPacket(peer_.socket.get(), encode(Fault{reason}));
  } catch (const ProtocolError&) {
    // It is not listening any more: then it need not be told.
  }
  close(reason);
}

void HostConnection::close(const std::string& reason) {
  watch_.reset();
  outbox_.clear();
  peer_.socket.reset();
  const auto closed = std::move(handlers_.closed);
  if (closed) closed(reason);
}

}  // namespace vx11::spawner
