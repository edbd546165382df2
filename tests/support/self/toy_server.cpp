#include "toy_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>
#include <utility>

namespace vx11::test {

ToyServer::ToyServer(Script script) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.get(), generic, size) != 0 || listen(listener_.get(), 4) != 0 ||
      getsockname(listener_.get(), generic, &size) != 0) {
    throw std::runtime_error("the toy server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, run = std::move(script)] {
    while (true) {
      const UniqueFd accepted(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!accepted) return;
      run(accepted.get());
    }
  });
}

ToyServer::~ToyServer() {
  // Wakes the accept.
  shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

std::string ToyServer::readThrough(int socket, const std::string& end) {
  std::string all;
  char byte = 0;
  while (all.find(end) == std::string::npos && recv(socket, &byte, 1, 0) == 1) all += byte;
  return all;
}

void ToyServer::write(int socket, const std::string& bytes) {
  send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace vx11::test
