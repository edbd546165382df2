// The connection to one host: what it said is handed on, what it does not read waits.
#pragma once

#include <deque>
#include <functional>

#include "spawner/event_loop.hpp"
#include "spawner/listener.hpp"
#include "spawner/protocol.hpp"

namespace vx11::spawner {

class HostConnection {
 public:
  struct Handlers {
    std::function<void(Message)> message;
    std::function<void(const std::string& reason)> closed;  // once; may destroy the connection
  };

  // Throws CannotLaunch where the socket cannot be watched.
  HostConnection(EventLoop& loop, Peer peer, Handlers handlers);

  pid_t pid() const { return peer_.pid; }
  bool open() const { return static_cast<bool>(peer_.socket); }

  // Never blocks: waits in an outbox while the host does not read. Closes the connection where that fails.
  void send(Message message);
  // A Fault as the last word, then the end.
  void fault(const std::string& reason);
  // Reads everything that has arrived, to the end if the host is gone.
  void drain();
  // The same for the last time: from now on the host's sends fail, so that it knows what was not read. What
  // waits for it is still sent. A second call does nothing.
  void stopReading();
  bool outboxEmpty() const { return outbox_.empty(); }

 private:
  void onEvents(uint32_t events);
  // False when nothing more is to be read now.
  bool readOne();
  void flush();
  void close(const std::string& reason);

  Peer peer_;
  Handlers handlers_;
  Watch watch_;
  std::deque<Packet> outbox_;
  bool reading_ = true;
  bool waiting_ = false;  // the watch is for writing too
};

}  // namespace vx11::spawner
