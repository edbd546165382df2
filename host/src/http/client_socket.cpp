#include "http/client_socket.hpp"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "http/guard.hpp"
#include "http/roster.hpp"

namespace vx11::http {

namespace {

constexpr size_t kHeadChunk = size_t{4} * 1024;
constexpr size_t kBodyChunk = size_t{256} * 1024;
// Method and version beside the target of the longest request line.
constexpr size_t kMaxRequestLine = kMaxTargetBytes + 64;

bool wouldBlock(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

ClientSocketImpl::ClientSocketImpl(int fd, const Poco::Net::SocketAddress& peer,
                                   const Poco::Net::SocketAddress& local, Roster& roster)
    : StreamSocketImpl(fd), fd_(fd), peer_(peer), local_(local), roster_(roster) {}

ClientSocketImpl::~ClientSocketImpl() {
  roster_.leave(*this);
}

void ClientSocketImpl::close() {
  roster_.leave(*this);
  StreamSocketImpl::close();
}

bool ClientSocketImpl::waitFor(short events, MonoTime deadline) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - monoNow()).count();
    if (left <= 0) return false;
    pollfd poll_fd{fd_, events, 0};
    const int ready = ::poll(&poll_fd, 1, static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

ClientSocketImpl::Receive ClientSocketImpl::receiveMore(std::string& into, size_t at_most) {
  const size_t before = into.size();
  into.resize(before + at_most);
  while (true) {
    const auto count = ::recv(fd_, into.data() + before, at_most, MSG_DONTWAIT);
    if (count > 0) {
      into.resize(before + static_cast<size_t>(count));
      // Trickling bytes are always ready: the time is up for them too.
      return monoNow() < deadline_ ? Receive::kData : Receive::kLate;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 || !wouldBlock(errno)) {
      into.resize(before);
      return Receive::kEnd;
    }
    if (!waitFor(POLLIN, deadline_)) {
      into.resize(before);
      return Receive::kLate;
    }
  }
}

// A request that is sent in one piece costs one system call: the receive timeout of the socket does the
// waiting.
ClientSocketImpl::Receive ClientSocketImpl::receiveFirst(std::chrono::milliseconds idle_timeout) {
  const auto until = monoNow() + idle_timeout;
  received_.resize(kHeadChunk);
  ssize_t count = 0;
  do {
    count = ::recv(fd_, received_.data(), received_.size(), 0);
  } while (count < 0 && errno == EINTR && monoNow() < until);
  received_.resize(count > 0 ? static_cast<size_t>(count) : 0);
  if (count > 0) return Receive::kData;
  return count < 0 && wouldBlock(errno) ? Receive::kLate : Receive::kEnd;
}

ClientSocketImpl::Head ClientSocketImpl::readHead(std::chrono::milliseconds idle_timeout,
                                                  std::chrono::milliseconds request_deadline) {
  received_.erase(0, head_size_);
  head_size_ = 0;
  head_parsed_ = 0;
  unread_body_ = 0;
  if (received_.empty()) {
    idle_ = true;
    const auto first = receiveFirst(idle_timeout);
    idle_ = false;
    if (first != Receive::kData) return Head::kClosed;
  }
  deadline_ = monoNow() + request_deadline;
  size_t checked = 0;     // bytes that were searched for line ends
  size_t line_start = 0;  // of the line that is being read
  bool first_line = true;
  while (true) {
    for (size_t end = received_.find('\n', checked); end != std::string::npos;
         end = received_.find('\n', checked)) {
      if (end == 0 || received_[end - 1] != '\r') return Head::kNotHttp;
      const bool empty = end - 1 == line_start;
      checked = line_start = end + 1;
      if (empty && first_line) {
        // Some clients send an empty line behind a body; it belongs to no request (RFC 9112, 2.2).
        received_.erase(0, checked);
        checked = line_start = 0;
        continue;
      }
      first_line = false;
      if (!empty) continue;
      if (checked > kMaxHeadBytes) return Head::kTooLarge;
      head_size_ = checked;
      return Head::kComplete;
    }
    checked = received_.size();
    // A browser that tries TLS here would else be kept waiting for the deadline.
    if (!received_.empty() && received_[0] != '\r' && !isTokenChar(received_[0])) return Head::kNotHttp;
    if (first_line && received_.size() > kMaxRequestLine) return Head::kTargetTooLong;
    if (received_.size() > kMaxHeadBytes) return Head::kTooLarge;
    switch (receiveMore(received_, kHeadChunk)) {
      case Receive::kData:
        break;
      case Receive::kEnd:
        return received_.empty() ? Head::kClosed : Head::kCut;
      case Receive::kLate:
        return Head::kLate;
    }
  }
}

int ClientSocketImpl::receiveBytes(void* buffer, int length, int /*flags*/) {
  const auto rest = head().substr(head_parsed_, static_cast<size_t>(std::max(length, 0)));
  std::memcpy(buffer, rest.data(), rest.size());
  head_parsed_ += rest.size();
  return static_cast<int>(rest.size());
}

ClientSocketImpl::Body ClientSocketImpl::readBody(std::string& body) {
  const size_t ready = static_cast<size_t>(std::min<uint64_t>(unread_body_, received_.size() - head_size_));
  body.append(received_, head_size_, ready);
  received_.erase(head_size_, ready);
  unread_body_ -= ready;
  while (unread_body_ > 0) {
    const size_t before = body.size();
    const auto result = receiveMore(body, static_cast<size_t>(std::min<uint64_t>(unread_body_, kBodyChunk)));
    unread_body_ -= body.size() - before;
    if (result == Receive::kEnd) return Body::kCut;
    if (result == Receive::kLate && unread_body_ > 0) return Body::kLate;
  }
  return Body::kComplete;
}

bool ClientSocketImpl::send(std::string_view head, std::string_view body, std::chrono::milliseconds timeout) {
  const auto until = monoNow() + timeout;
  std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                             iovec{const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  while (message.msg_iovlen > 0) {
    const auto sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (!wouldBlock(errno) || !waitFor(POLLOUT, until)) return false;
      continue;
    }
    auto done = static_cast<size_t>(sent);
    while (message.msg_iovlen > 0 && done >= message.msg_iov->iov_len) {
      done -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + done;
      message.msg_iov->iov_len -= done;
      if (monoNow() >= until) return false;
    }
  }
  return true;
}

bool ClientSocketImpl::sendFile(const FilePart& part, std::chrono::milliseconds timeout) {
  constexpr size_t kPiece = 256 * 1024;
  std::string piece(static_cast<size_t>(std::min<uint64_t>(part.length, kPiece)), '\0');
  for (uint64_t done = 0; done < part.length;) {
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(part.length - done, piece.size()));
    const auto got = ::pread(part.file.get(), piece.data(), wanted, static_cast<off_t>(part.first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || !send({}, std::string_view(piece).substr(0, static_cast<size_t>(got)), timeout))
      return false;
    done += static_cast<uint64_t>(got);
  }
  return true;
}

bool ClientSocketImpl::open() const {
  pollfd poll_fd{fd_, POLLRDHUP, 0};
  return ::poll(&poll_fd, 1, 0) == 0;
}

void ClientSocketImpl::finish() {
  constexpr std::chrono::seconds kLinger{1};
  ::shutdown(fd_, SHUT_WR);
  deadline_ = monoNow() + kLinger;
  std::string ignored;
  while (receiveMore(ignored, kBodyChunk) == Receive::kData) ignored.clear();
}

}  // namespace vx11::http
