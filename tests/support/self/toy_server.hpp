// Answers one TCP connection after the other with a script, to test the clients with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/unique_fd.hpp"

namespace vx11::test {

class ToyServer {
 public:
  // Called on the server's thread with the accepted socket, which is closed afterwards.
  using Script = std::function<void(int socket)>;

  explicit ToyServer(Script script);
  ~ToyServer();
  ToyServer(const ToyServer&) = delete;
  ToyServer& operator=(const ToyServer&) = delete;

  uint16_t port() const { return port_; }

  // For scripts: reads until `end` has come, or the connection ends; returns all of it.
  static std::string readThrough(int socket, const std::string& end);
  static void write(int socket, const std::string& bytes);

 private:
  UniqueFd listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace vx11::test
