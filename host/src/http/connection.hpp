// One connection on its thread: request after request through guard, route, token, Host and Origin, body,
// handler.
#pragma once

#include <array>
#include <atomic>
#include <utility>

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>

#include "http/client_socket.hpp"
#include "http/roster.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace vx11::http {

// One behind the last status that there is.
inline constexpr size_t kStatuses = 600;

// What all connections share; outlives them.
struct Door {
  Door(ServerOptions opts, Router routes, Poco::Net::HTTPServerParams::Ptr parameters)
      : options(std::move(opts)),
        router(std::move(routes)),
        roster(options.max_connections),
        params(std::move(parameters)) {}

  const ServerOptions options;
  const Router router;
  Roster roster;
  Poco::Net::HTTPServerParams::Ptr params;
  std::array<std::atomic<uint64_t>, kStatuses> answered{};  // by status
  std::atomic<bool> stopping{false};                        // answers in flight say Connection: close
};

// Poco's HTTPServerConnection is not used: it closes without an answer on exceptions that are not its own.
class Connection : public Poco::Net::TCPServerConnection {
 public:
  Connection(const Poco::Net::StreamSocket& socket, Door& door);
  void run() override;

 private:
  struct Exchange;

  // Reads and answers one request; false where the connection ends with it.
  bool serve(Poco::Net::HTTPServerSession& session) noexcept;
  Response answer(Poco::Net::HTTPServerSession& session, ClientSocketImpl::Head state, Exchange& exchange);
  void parse(Poco::Net::HTTPServerSession& session, Exchange& exchange);
  void checkToken(const Request& request) const;
  void readBody(const Route& route, Exchange& exchange);

  Door& door_;
  ClientSocketImpl& client_;
};

class ConnectionFactory : public Poco::Net::TCPServerConnectionFactory {
 public:
  explicit ConnectionFactory(Door& door) : door_(door) {}
  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override;

 private:
  Door& door_;
};

}  // namespace vx11::http
