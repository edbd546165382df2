// A real server on a free port with routes that show what a handler got.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "http/server.hpp"
#include "raw_client.hpp"

namespace vx11::test {

inline const std::string kToken = "X-VX11-Token: secret\r\n";

// Handlers of GET /block wait here until they are released.
class Gate {
 public:
  void enter();               // called by the handler
  void waitInside(size_t n);  // until n handlers wait
  void open();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t inside_ = 0;
  bool open_ = false;
};

struct TestDoor {
  explicit TestDoor(http::ServerOptions options = {});
  ~TestDoor() { gate.open(); }

  RawClient connect() const { return RawClient(server.port()); }
  // One request on a connection of its own.
  RawResponse ask(const std::string& bytes) const { return connect().ask(bytes); }

  Gate gate;
  http::Server server;
};

// "GET /path HTTP/1.1" with Host, token and the given fields ("Name: value\r\n…").
std::string get(const std::string& path, const std::string& fields = {}, const std::string& method = "GET");
std::string post(const std::string& path, const std::string& body, const std::string& fields = {});

// A member of a JSON answer as text; empty where it is not there.
std::string member(const RawResponse& response, const std::string& name);

// Raises the soft limit of descriptors to the hard one.
void allowManyDescriptors();

}  // namespace vx11::test
