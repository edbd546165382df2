#include "http_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace vx11::bench {

HttpConnection::HttpConnection(uint16_t port, std::string token) : token_(std::move(token)) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

HttpConnection::~HttpConnection() {
  close(socket_);
}

void HttpConnection::send(const std::string& bytes) {
  if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot send");
  }
}

void HttpConnection::sendPost(const std::string& path, const std::string& json) {
  send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " + token_ +
       "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" +
       json);
}

std::string HttpConnection::post(const std::string& path, const std::string& json) {
  sendPost(path, json);
  return receive();
}

std::string HttpConnection::get(const std::string& path) {
  send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " + token_ + "\r\n\r\n");
  return receive();
}

std::string HttpConnection::receive() {
  size_t header_end = std::string::npos;
  size_t length = 0;
  for (;;) {
    if (header_end == std::string::npos) {
      header_end = buffer_.find("\r\n\r\n");
      if (header_end != std::string::npos) {
        const auto field = buffer_.find("Content-Length: ");
        if (field == std::string::npos) throw std::runtime_error("an answer without length");
        length = strtoull(buffer_.c_str() + field + 16, nullptr, 10);
        header_end += 4;
      }
    }
    if (header_end != std::string::npos && buffer_.size() >= header_end + length) break;
    char bytes[16384];
    const auto count = read(socket_, bytes, sizeof bytes);
    if (count <= 0) throw std::runtime_error("the connection was closed");
    buffer_.append(bytes, static_cast<size_t>(count));
  }
  if (buffer_.compare(8, 5, " 200 ") != 0) throw std::runtime_error("refused: " + buffer_);
  auto body = buffer_.substr(header_end, length);
  buffer_.erase(0, header_end + length);
  return body;
}

}  // namespace vx11::bench
