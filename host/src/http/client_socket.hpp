// One accepted connection: reads a request's head and body under one deadline, and writes an answer in one
// piece.
//
// Poco's own socket knows timeouts of single reads only, so that a byte a minute holds a thread for ever, and
// takes a head that was cut by the end of the connection for a complete one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocketImpl.h>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace vx11::http {

class Roster;

// Used by the connection's thread only, but for idle() and descriptor(), which the roster calls while it
// holds the socket. Handed to Poco, which counts the references.
class ClientSocketImpl : public Poco::Net::StreamSocketImpl {
 public:
  // Takes the descriptor over; it is closed with the object.
  ClientSocketImpl(int fd, const Poco::Net::SocketAddress& peer, const Poco::Net::SocketAddress& local,
                   Roster& roster);
  ~ClientSocketImpl() override;

  enum class Head {
    kComplete,
    kClosed,         // the connection ended, failed or was idle for too long: there is nobody to answer
    kCut,            // it ended within the head
    kLate,           // the deadline passed within the head
    kNotHttp,        // the first byte starts no method, or a line ends with a bare LF
    kTargetTooLong,  // the first line is longer than any target allows
    kTooLarge,       // more than kMaxHeadBytes
  };
  // Reads the next head, after at most `idle_timeout` of silence. The deadline of the request starts with its
  // first byte and holds for the body as well.
  Head readHead(std::chrono::milliseconds idle_timeout, std::chrono::milliseconds request_deadline);
  // From the request line to the empty line; valid until the next call of readHead.
  std::string_view head() const { return std::string_view(received_).substr(0, head_size_); }

  // The bytes that belong to the request behind its head.
  void expectBody(uint64_t length) { unread_body_ = length; }
  uint64_t unreadBody() const { return unread_body_; }

  enum class Body { kComplete, kCut, kLate };
  // Appends the expected body. Memory grows with what arrives, not with what was announced.
  Body readBody(std::string& body);

  // Writes everything in as few packets as possible; false where the client is gone or reads too slowly.
  bool send(std::string_view head, std::string_view body, std::chrono::milliseconds timeout);
  // The same for a part of a file, each piece of which has that time. False also where the file is shorter
  // than was announced.
  bool sendFile(const FilePart& part, std::chrono::milliseconds timeout);
  // False once the client has closed its end.
  bool open() const;
  // Tells the client that nothing more comes and takes in what it still sends for a moment, for closing with
  // unread bytes would reset the connection and could destroy the answer on its way.
  void finish();

  bool idle() const { return idle_; }
  int descriptor() const { return fd_; }

  // Gives Poco's parser the head and nothing behind it.
  int receiveBytes(void* buffer, int length, int flags = 0) override;
  void close() override;
  Poco::Net::SocketAddress address() override { return local_; }
  Poco::Net::SocketAddress peerAddress() override { return peer_; }

 private:
  using Poco::Net::StreamSocketImpl::receiveBytes;

  enum class Receive { kData, kEnd, kLate };
  Receive receiveMore(std::string& into, size_t at_most);
  Receive receiveFirst(std::chrono::milliseconds idle_timeout);
  bool waitFor(short events, MonoTime deadline) const;

  const int fd_;
  const Poco::Net::SocketAddress peer_;
  const Poco::Net::SocketAddress local_;
  Roster& roster_;
  std::atomic<bool> idle_{true};
  std::string received_;    // the current head, then what came behind it
  size_t head_size_ = 0;    // bytes of received_ that are the current head
  size_t head_parsed_ = 0;  // bytes of the head that Poco's parser has taken
  uint64_t unread_body_ = 0;
  MonoTime deadline_{};
};

}  // namespace vx11::http
