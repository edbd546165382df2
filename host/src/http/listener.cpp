#include "http/listener.hpp"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstring>

#include <Poco/Net/SocketAddress.h>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "http/client_socket.hpp"
#include "http/error_response.hpp"
#include "http/wire.hpp"

namespace vx11::http {

namespace {

constexpr int kBacklog = 1024;
constexpr size_t kMaxRefused = 128;
constexpr std::chrono::seconds kRefusedLinger{1};
constexpr int kPauseMs = 10;

[[noreturn]] void refuseAddress(const std::string& host, uint16_t port, int error) {
  const std::string address = host + ":" + std::to_string(port);
  std::string reason = address + " cannot be opened: " + std::strerror(error);
  if (error == EADDRINUSE)
    reason = "port " + std::to_string(port) + " on " + host + " is taken by another program";
  if (error == EADDRNOTAVAIL) reason = "http.host " + host + " is not an address of this machine";
  if (error == EACCES)
    reason = "this user may not open port " + std::to_string(port) + "; use one above 1023";
  throw Error(ErrorCode::kConfiguration, reason, "set http.host and http.port");
}

Poco::Net::SocketAddress resolve(const std::string& host, uint16_t port) {
  try {
    return Poco::Net::SocketAddress(host, port);
  } catch (const Poco::Exception& e) {
    throw Error(ErrorCode::kConfiguration, "http.host " + host + " is not an address: " + e.displayText());
  }
}

UniqueFd openSpare() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// Says that there is no room, and never waits for the client.
void sendBusy(int fd, const char* reason) {
  const auto id = newUuid();
  const auto response =
      errorResponse(Error(ErrorCode::kUnavailable, reason, "try again in a second"), "", id);
  const auto text = renderHead(response, id, false) + response.body;
  [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
}

}  // namespace

void Overload::refuse(const Poco::Net::StreamSocket& socket) {
  ++count_;
  if (const auto left_out = log_limit_.admit())
    log::warning("http.overload", {{"lines_left_out", *left_out}});
  sendBusy(socket.impl()->sockfd(), "all connections are in use (http.max_connections)");
  if (refused_.size() >= kMaxRefused) refused_.pop_front();
  refused_.push_back({socket, monoNow()});
}

void Overload::sweep() {
  const auto now = monoNow();
  std::array<char, 4096> ignored{};
  std::erase_if(refused_, [&](const Refused& refused) {
    if (now - refused.since > kRefusedLinger) return true;
    const auto count = ::recv(refused.socket.impl()->sockfd(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
  });
}

ListenerImpl::ListenerImpl(const std::string& host, uint16_t port, Roster& roster, Overload& overload)
    : roster_(roster),
      overload_(overload),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(openSpare()) {
  const auto wanted = resolve(host, port);
  UniqueFd fd(::socket(wanted.af(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) refuseAddress(host, port, errno);
  // Not Poco's bind: it sets SO_REUSEPORT too, with which a second host would share the port unnoticed.
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), wanted.addr(), wanted.length()) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    refuseAddress(host, port, errno);
  }
  reset(fd.release());
  local_ = address();
}

bool ListenerImpl::poll(const Poco::Timespan& timeout, int /*mode*/) {
  overload_.sweep();
  std::array<pollfd, 2> fds{pollfd{sockfd(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
  {
    std::unique_lock lock(mutex_);
    if (quiesce_) {
      quiet_ = true;
      changed_.notify_all();
      // Poco's loop ends when its own flag is set, which happens as soon as quiesce() has returned.
      changed_.wait_for(lock, std::chrono::milliseconds(5));
      return false;
    }
  }
  const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(timeout.totalMilliseconds()));
  if (ready <= 0 || (fds[0].revents & POLLIN) == 0 || fds[1].revents != 0) return false;
  try {
    return take();
  } catch (const std::exception& e) {
    // Poco's loop would end here, and with it the door, for it expects exceptions of its own only.
    acceptFailed(e.what());
    return false;
  }
}

bool ListenerImpl::take() {
  socklen_t length = sizeof peer_;
  taken_.reset(::accept4(sockfd(), reinterpret_cast<sockaddr*>(&peer_), &length, SOCK_CLOEXEC));
  if (taken_) return true;
  const int error = errno;
  if (error == EMFILE || error == ENFILE) refuseWithoutDescriptors();
  // A client that left before its turn is nobody's fault.
  if (error == EAGAIN || error == ECONNABORTED || error == EINTR) return false;
  acceptFailed(std::strerror(error));
  return false;
}

void ListenerImpl::acceptFailed(const char* reason) {
  if (const auto left_out = log_limit_.admit()) {
    log::error("http.accept_failed", {{"reason", reason}, {"lines_left_out", *left_out}});
  }
  // The connection still waits and would wake this thread at once.
  ::poll(nullptr, 0, kPauseMs);
}

Poco::Net::SocketImpl* ListenerImpl::acceptConnection(Poco::Net::SocketAddress& peer) {
  const auto* const raw = reinterpret_cast<const sockaddr*>(&peer_);
  peer =
      Poco::Net::SocketAddress(raw, raw->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  const int on = 1;
  ::setsockopt(taken_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto* const socket = new ClientSocketImpl(taken_.get(), peer, local_, roster_);
  taken_.release();
  return socket;
}

// The waiting connection would wake the accept thread again and again: with the spare descriptor it gets its
// answer.
void ListenerImpl::refuseWithoutDescriptors() {
  spare_.reset();
  {
    const UniqueFd fd(::accept4(sockfd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
      sendBusy(fd.get(), "the host has no file descriptor left");
      // What is read cannot reset the connection when it closes.
      std::array<char, 4096> ignored{};
      while (::recv(fd.get(), ignored.data(), ignored.size(), 0) > 0) {
      }
    }
  }
  spare_ = openSpare();
}

void ListenerImpl::quiesce() {
  std::unique_lock lock(mutex_);
  quiesce_ = true;
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  changed_.wait(lock, [this] { return quiet_; });
}

bool AdmissionFilter::accept(const Poco::Net::StreamSocket& socket) {
  auto& impl = static_cast<ClientSocketImpl&>(*socket.impl());
  if (roster_.admit(impl)) return true;
  overload_.refuse(socket);
  return false;
}

}  // namespace vx11::http
