// The front door: Poco's HTTP parts on a thread pool of their own, behind one guard.
//
// Order of the checks of a request: its shape (method, lengths, smuggling forms), route, token, Host and
// Origin, then the body's size and JSON type; the handler does the rest. Every fault is answered with
// problem+json, and every answer that leaves request bytes unread closes the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.hpp"

namespace vx11::http {

enum class Credential { kAbsent, kWrong, kAccepted };

struct ServerOptions {
  std::string host = "127.0.0.1";  // address to bind
  uint16_t port = 8000;            // 0: any free one
  size_t max_body_bytes = 8u << 20;
  size_t max_connections = 1536;  // one thread each; more get 503 with Retry-After at once
  std::vector<std::string> allowed_hosts{"localhost", "127.0.0.1", "[::1]"};  // compared without the port
  std::chrono::milliseconds request_deadline{30'000};    // first byte to last byte of one request
  std::chrono::milliseconds keep_alive_timeout{15'000};  // idle time between two requests
  // Judges the token of X-VX11-Token or Authorization: Bearer (empty: none was sent). Called on HTTP threads.
  std::function<Credential(std::string_view token)> check_token;
};

class Server {
 public:
  // Binds at once: throws Error{kConfiguration} with one sentence when the address is taken or not ours.
  Server(const ServerOptions& options, Router router);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;  // the real one, also for port 0
  void start();           // begins to accept; returns at once
  // Stops accepting, lets requests in flight finish until the deadline, then cuts them. Callers first wake
  // handlers that wait for something. Returns when no handler runs any more.
  void stop(std::chrono::milliseconds deadline);

  size_t connections() const;  // open now
  // How many answers there were since the start, by status, but for those of refusedOverload().
  std::map<int, uint64_t> answered() const;
  uint64_t refusedOverload() const;  // answered 503 by the accept thread since the start

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vx11::http
