// Packets on their way to the spawner. The one place where several threads meet the socket.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "spawner/protocol.hpp"
#include "spawner_client/client.hpp"
#include "spawner_client/event_fd.hpp"

namespace vx11::spawner_client {

class Outbox {
 public:
  // `wake` is signalled when the client's thread has something to do here; it must outlive the outbox.
  explicit Outbox(const EventFd& wake) : wake_(wake) {}

  // Client's thread. The socket must stay open until close(), which drops what was not sent yet.
  uint64_t open(int socket);  // the number of this connection, from 1
  void close();
  bool isOpen() const;

  // Any thread. Sends at once where nothing waits, else queues behind it: packets leave in the order of the
  // calls, and no call waits for the spawner. False where there is no connection; nothing was sent then.
  // The second form sends over the connection of that number only.
  bool send(spawner::Packet packet);
  bool send(spawner::Packet packet, uint64_t connection);
  // Any thread, for what nobody waits for: sent before the next packet, or when the client's thread comes
  // back by itself, so that the spawner is not woken for it alone. False where there is no connection.
  bool sendLater(spawner::Packet packet);
  // Any thread: a request that cannot be put into a packet. False where there is no connection.
  bool sendBack(Refused refused, uint64_t connection);

  // Client's thread.
  bool waiting() const;  // something is queued: poll for POLLOUT, then flush()
  void flush();          // sends until the socket would block, what can wait too
  // Says whether the client's thread, about to sleep, will come back soon without being woken. It must where
  // this returns true: something is there that can wait, but not for ever.
  bool sleeping(bool comes_back_soon);
  std::vector<Refused> takeSentBack();
  std::string fault() const;  // why the socket is of no more use; empty while it is

 private:
  // All with mutex_ held. True when the socket took it.
  bool trySend(const spawner::Packet& packet);
  bool sendNow(spawner::Packet packet);
  void sendInOrder(spawner::Packet packet);
  void sendWaiting();

  const EventFd& wake_;
  mutable std::mutex mutex_;
  int socket_ = -1;
  uint64_t connection_ = 0;
  std::deque<spawner::Packet> queue_;
  std::vector<spawner::Packet> later_;
  bool comes_back_soon_ = true;
  std::vector<Refused> sent_back_;
  std::string fault_;
};

}  // namespace vx11::spawner_client
