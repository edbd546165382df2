// A TCP client that sends bytes exactly as they are given, for requests that no HTTP library would send.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace vx11::test {

struct RawResponse {
  int status = 0;                              // 0: the connection ended, or nothing came in time
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
  bool closed = false;  // the server ended the connection instead of answering

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

class RawClient {
 public:
  // Connects to 127.0.0.1; throws std::system_error where that fails.
  explicit RawClient(uint16_t port);

  // False where the server has closed; never raises SIGPIPE.
  bool send(std::string_view bytes);
  void endSending();

  // Reads one answer. `head_request`: its Content-Length is not followed by a body.
  RawResponse read(bool head_request = false, std::chrono::milliseconds timeout = std::chrono::seconds(20));
  RawResponse ask(std::string_view bytes) {
    send(bytes);
    return read();
  }
  // True where the server closes, or resets, within the time; bytes that come before are dropped.
  bool closedWithin(std::chrono::milliseconds timeout);

 private:
  bool receive(std::chrono::steady_clock::time_point deadline);

  UniqueFd fd_;
  std::string received_;
};

}  // namespace vx11::test
