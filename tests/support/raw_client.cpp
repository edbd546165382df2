#include "raw_client.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace vx11::test {

namespace {

using Clock = std::chrono::steady_clock;

void parseHead(const std::string& head, RawAnswer& answer) {
  std::istringstream lines(head);
  std::string line;
  std::getline(lines, line);
  std::istringstream(line.substr(std::min(line.find(' '), line.size()))) >> answer.status;
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto value = line.find_first_not_of(' ', colon + 1);
    answer.headers[name] = value == std::string::npos ? "" : line.substr(value);
  }
}

}  // namespace

RawClient::RawClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to port " + std::to_string(port) + ": " + strerror(errno));
  }
  // A server that neither reads nor closes must not hold up the test for ever.
  const timeval limit{static_cast<time_t>(kDeadline.count() / 1000), 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

void RawClient::finishSending() {
  shutdown(socket_.get(), SHUT_WR);
}

RawClient::Read RawClient::readSome(Clock::time_point end) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd entry{socket_.get(), POLLIN, 0};
    if (left <= 0 || poll(&entry, 1, static_cast<int>(left)) == 0) return Read::kTooLate;
    std::array<char, 16384> buffer{};
    const ssize_t n = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    // A reset counts as the end: closing with unread bytes looks like that.
    if (n <= 0) return Read::kEnd;
    received_.append(buffer.data(), static_cast<size_t>(n));
    return Read::kSome;
  }
}

RawAnswer RawClient::readAnswer(std::chrono::milliseconds deadline, bool head) {
  const auto end = Clock::now() + deadline;
  const auto more = [&] {
    const Read read = readSome(end);
    if (read == Read::kTooLate) throw std::runtime_error("no whole answer until the deadline: " + received_);
    return read == Read::kSome;
  };
  size_t head_end = std::string::npos;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return {};
  }
  RawAnswer answer;
  parseHead(received_.substr(0, head_end), answer);
  received_.erase(0, head_end + 4);
  if (head || answer.status == 204 || answer.status == 304) return answer;

  const auto length = answer.headers.find("content-length");
  if (length == answer.headers.end()) {
    while (more()) {
    }
    answer.body = std::exchange(received_, {});
    return answer;
  }
  const size_t size = std::stoul(length->second);
  while (received_.size() < size) {
    if (!more()) return {};
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

std::optional<std::string> RawClient::readThrough(std::string_view mark, std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  size_t searched = 0;
  while (true) {
    const auto found = received_.find(mark, searched);
    if (found != std::string::npos) {
      auto text = received_.substr(0, found + mark.size());
      received_.erase(0, text.size());
      return text;
    }
    searched = received_.size() - std::min(received_.size(), mark.size());
    const Read read = readSome(end);
    if (read == Read::kTooLate) throw std::runtime_error("nothing more until the deadline: " + received_);
    if (read == Read::kEnd) return std::nullopt;
  }
}

std::string RawClient::readUntilClose(std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (true) {
    const Read read = readSome(end);
    if (read == Read::kTooLate) throw std::runtime_error("not closed until the deadline: " + received_);
    if (read == Read::kEnd) return std::exchange(received_, {});
  }
}

bool RawClient::closedWithin(std::chrono::milliseconds deadline) {
  return received_.empty() && readSome(Clock::now() + deadline) == Read::kEnd;
}

}  // namespace vx11::test
