#include "http/server.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include <Poco/ErrorHandler.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/listener.hpp"
#include "http/log_limit.hpp"

namespace vx11::http {

namespace {

constexpr int kStackBytes = 256 * 1024;
constexpr int kPoolIdleSeconds = 10;

// Poco hands what its threads throw to a handler that by default speaks to a debugger only.
class LoggingErrorHandler : public Poco::ErrorHandler {
 public:
  static void install() {
    static LoggingErrorHandler handler;
    Poco::ErrorHandler::set(&handler);
  }
  void exception(const Poco::Exception& e) override { write(e.displayText()); }
  void exception(const std::exception& e) override { write(e.what()); }
  void exception() override { write("an exception of an unknown type"); }

 private:
  void write(const std::string& reason) {
    if (const auto left_out = limit_.admit()) {
      log::error("http.thread_failed", {{"reason", reason}, {"lines_left_out", *left_out}});
    }
  }
  LogLimit limit_{1};
};

Poco::Net::HTTPServerParams::Ptr makeParams(const ServerOptions& options) {
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  const auto connections = static_cast<int>(options.max_connections);
  params->setMaxThreads(connections);
  params->setMaxQueued(connections);
  // Threads without a connection wait for this long before they end, and so does stop().
  params->setThreadIdleTime(Poco::Timespan(1, 0));
  // The session makes it the receive timeout of the socket, which ends a silent connection.
  params->setTimeout(Poco::Timespan(options.keep_alive_timeout.count() * 1000));
  return params;
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Router router)
      : door_(options, std::move(router), makeParams(options)),
        listener_(new ListenerImpl(options.host, options.port, door_.roster, overload_)),
        port_(listener_.address().port()),
        // Twice as many as connections: a thread counts as busy for a moment after its connection has ended,
        // and Poco lets a connection wait where the pool has no thread.
        pool_("http", 1, static_cast<int>(2 * options.max_connections), kPoolIdleSeconds, kStackBytes),
        tcp_(new ConnectionFactory(door_), pool_, listener_, door_.params) {
    tcp_.setConnectionFilter(new AdmissionFilter(door_.roster, overload_));
  }

  ~Impl() { stop(std::chrono::milliseconds(0)); }

  void start() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kBound) throw Error(ErrorCode::kInternal, "the server was started before");
    tcp_.start();
    state_ = State::kRunning;
  }

  void stop(std::chrono::milliseconds deadline) {
    const std::lock_guard lock(mutex_);
    const auto until = monoNow() + deadline;
    const bool running = std::exchange(state_, State::kStopped) == State::kRunning;
    if (running) {
      door_.stopping = true;
      static_cast<ListenerImpl&>(*listener_.impl()).quiesce();
      // Poco forgets what was accepted but has no thread yet: such a connection would end without an answer.
      door_.roster.waitStarted(std::max(until, monoNow() + std::chrono::milliseconds(100)));
      tcp_.stop();
    }
    listener_.close();
    if (!running) return;
    door_.roster.endIdle();
    if (door_.roster.waitEmpty(until)) return;
    log::warning("http.cut", {{"connections", door_.roster.size()}});
    door_.roster.endAll();
    door_.roster.waitEmpty();
  }

  uint16_t port() const { return port_; }
  size_t connections() const { return door_.roster.size(); }
  std::map<int, uint64_t> answered() const {
    std::map<int, uint64_t> counts;
    for (size_t status = 0; status < kStatuses; ++status)
      if (const uint64_t count = door_.answered[status]) counts.emplace(static_cast<int>(status), count);
    return counts;
  }
  uint64_t refusedOverload() const { return overload_.count(); }

 private:
  enum class State { kBound, kRunning, kStopped };

  Door door_;
  Overload overload_;
  Listener listener_;
  const uint16_t port_;
  Poco::ThreadPool pool_;
  Poco::Net::TCPServer tcp_;
  std::mutex mutex_;
  State state_ = State::kBound;
};

Server::Server(const ServerOptions& options, Router router) {
  LoggingErrorHandler::install();
  if (!options.check_token) throw Error(ErrorCode::kInternal, "the server needs a judge of tokens");
  if (options.max_connections == 0)
    throw Error(ErrorCode::kConfiguration, "http.max_connections must be at least 1");
  impl_ = std::make_unique<Impl>(options, std::move(router));
}

Server::~Server() = default;

uint16_t Server::port() const {
  return impl_->port();
}
void Server::start() {
  impl_->start();
}
void Server::stop(std::chrono::milliseconds deadline) {
  impl_->stop(deadline);
}
size_t Server::connections() const {
  return impl_->connections();
}
std::map<int, uint64_t> Server::answered() const {
  return impl_->answered();
}
uint64_t Server::refusedOverload() const {
  return impl_->refusedOverload();
}

}  // namespace vx11::http
