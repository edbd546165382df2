// A keep-alive connection that does as little as possible beside the server: one write and a few reads a
// request.
#pragma once

#include <cstdint>
#include <string>

namespace vx11::bench {

class HttpConnection {
 public:
  // Connects to 127.0.0.1. Throws std::runtime_error, as all of this does.
  HttpConnection(uint16_t port, std::string token);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // The body of the answer; throws when its status is not 200.
  std::string post(const std::string& path, const std::string& json);
  std::string get(const std::string& path);
  // Sends and does not wait for the answer; receive() takes it later.
  void sendPost(const std::string& path, const std::string& json);
  std::string receive();

 private:
  void send(const std::string& bytes);

  int socket_ = -1;
  std::string token_;
  std::string buffer_;
};

}  // namespace vx11::bench
