// The open connections: how many there may be, and how they end when the door closes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <unordered_set>

#include "base/clock.hpp"

namespace vx11::http {

class ClientSocketImpl;

// Thread-safe. Holds no reference: a socket leaves the roster before its descriptor is closed, so that no
// other descriptor of the same number is ever shut down here.
class Roster {
 public:
  explicit Roster(size_t limit) : limit_(limit) {}

  // False where the limit is reached.
  bool admit(ClientSocketImpl& socket);
  // A thread has taken the connection over.
  void started(ClientSocketImpl& socket);
  // Does nothing for a socket that was never admitted or has left.
  void leave(ClientSocketImpl& socket);

  size_t size() const;

  // Waits until each admitted connection has its thread; false at the deadline.
  bool waitStarted(MonoTime deadline);
  // Ends the connections that wait for a request; they read what has already arrived.
  void endIdle();
  // Ends all, whatever they are doing: reads and writes fail from now on.
  void endAll();
  // Waits until none is left; false at the deadline.
  bool waitEmpty(MonoTime deadline);
  void waitEmpty();

 private:
  const size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_set<ClientSocketImpl*> open_;
  std::unordered_set<ClientSocketImpl*> unstarted_;
};

}  // namespace vx11::http
