// The listening socket and what happens to connections that are one too many.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "http/log_limit.hpp"
#include "http/roster.hpp"

namespace vx11::http {

// Answers 503 with Retry-After without ever blocking. Used by the accept thread only, but for count().
class Overload {
 public:
  void refuse(const Poco::Net::StreamSocket& socket);
  // Closes refused connections whose client has left or had its time.
  void sweep();
  uint64_t count() const { return count_; }

 private:
  struct Refused {
    Poco::Net::StreamSocket socket;
    MonoTime since;
  };
  std::deque<Refused> refused_;  // kept for a moment, for closing at once could destroy the answer on its way
  std::atomic<uint64_t> count_{0};
  LogLimit log_limit_{1};
};

// Accepts ClientSocketImpl. Binds at once; throws Error{kConfiguration} with a sentence where that fails.
class ListenerImpl : public Poco::Net::ServerSocketImpl {
 public:
  ListenerImpl(const std::string& host, uint16_t port, Roster& roster, Overload& overload);

  // Called by Poco's accept thread, which looks at its stop flag four times a second at least. True means
  // that a connection is already in hand: what goes wrong before that is handled here and not thrown through
  // Poco.
  bool poll(const Poco::Timespan& timeout, int mode) override;
  Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress& peer) override;

  // From the return on, nothing is accepted any more. The accept thread must be running.
  void quiesce();

 private:
  bool take();
  void acceptFailed(const char* reason);
  void refuseWithoutDescriptors();

  Roster& roster_;
  Overload& overload_;
  Poco::Net::SocketAddress local_;
  UniqueFd taken_;  // accepted, on its way to acceptConnection
  sockaddr_storage peer_{};
  LogLimit log_limit_{1};
  UniqueFd wake_;
  UniqueFd spare_;  // given up for a moment to answer where the process has no descriptor left
  std::mutex mutex_;
  std::condition_variable changed_;
  bool quiesce_ = false;
  bool quiet_ = false;
};

// Hands a ServerSocketImpl of ours to Poco, which keeps that constructor protected.
class Listener : public Poco::Net::ServerSocket {
 public:
  explicit Listener(ListenerImpl* impl) : ServerSocket(impl, true) {}
};

// Counts connections in, or answers that there are too many.
class AdmissionFilter : public Poco::Net::TCPServerConnectionFilter {
 public:
  AdmissionFilter(Roster& roster, Overload& overload) : roster_(roster), overload_(overload) {}
  bool accept(const Poco::Net::StreamSocket& socket) override;

 private:
  Roster& roster_;
  Overload& overload_;
};

}  // namespace vx11::http
