#include "spawner_client/handshake.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "spawner_client/connection.hpp"
#include "spawner_client/convert.hpp"

namespace vx11::spawner_client {

namespace {

class Handshake {
 public:
  Handshake(int socket, const std::filesystem::path& path, MonoTime deadline, const EventFd& stop)
      : socket_(socket), spawner_("The spawner at " + path.string()), deadline_(deadline), stop_(stop) {}

  Welcome run() {
    sayHello();
    while (!synced_) {
      auto packet = next();
      if (packet.bytes.empty()) {
        throw ConnectError(Obstacle::kPassing, spawner_ + " closed the connection before it was ready.");
      }
      std::visit([this](auto&& message) { take(std::move(message)); }, decoded(std::move(packet)));
    }
    return std::move(welcome_);
  }

 private:
  void sayHello() {
    spawner::Hello hello;
    hello.pid = getpid();
    try {
      // The first packet on a fresh socket finds room.
      spawner::sendPacket(socket_, spawner::encode(std::move(hello)));
    } catch (const spawner::ProtocolError&) {
      // A spawner that closed at once may have said why before: the answer is read all the same.
    }
  }

  spawner::Packet next() {
    while (true) {
      try {
        if (auto packet = spawner::receivePacket(socket_)) return std::move(*packet);
      } catch (const spawner::ProtocolError& e) {
        throw ConnectError(Obstacle::kPassing, spawner_ + " broke the connection: " + e.what() + ".");
      }
      waitReadable();
    }
  }

  void waitReadable() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - monoNow()).count();
    if (left <= 0) {
      throw ConnectError(Obstacle::kPassing,
                         spawner_ +
                             " does not answer; if it was stopped, continue it with kill -CONT, else end "
                             "it with kill -KILL.");
    }
    std::array<pollfd, 2> fds{pollfd{socket_, POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
    poll(fds.data(), fds.size(), static_cast<int>(left));
    if (fds[1].revents != 0) throw ConnectError(Obstacle::kStopped, "The connection was stopped.");
  }

  spawner::Message decoded(spawner::Packet packet) const {
    try {
      return spawner::decode(std::move(packet));
    } catch (const spawner::ProtocolError& e) {
      throw ConnectError(Obstacle::kPassing, spawner_ + " does not speak this vx11d's protocol: " + e.what() +
                                                 ". Install both from one release.");
    }
  }

  void take(spawner::Welcome frame) {
    const auto ours = spawner::spokenVersions();
    if (frame.version < ours.oldest || frame.version > ours.newest) {
      throw ConnectError(Obstacle::kLasting,
                         spawner_ + " (pid " + std::to_string(frame.pid) + ") speaks protocol version " +
                             std::to_string(frame.version) + ", and this vx11d speaks " +
                             std::to_string(ours.oldest) + " to " + std::to_string(ours.newest) +
                             ": install both from one release, then end that spawner.");
    }
    welcomed_ = true;
    welcome_.version = frame.version;
    welcome_.instance = std::move(frame.instance);
    welcome_.pid = frame.pid;
    welcome_.isolation = std::move(frame.isolation);
    welcome_.tree_kill = std::move(frame.tree_kill);
  }

  void take(spawner::Started frame) {
    expectWelcomed();
    welcome_.running.push_back(fromFrame(std::move(frame)));
  }

  void take(spawner::Finished frame) {
    expectWelcomed();
    welcome_.finished.push_back(fromFrame(std::move(frame)));
  }

  void take(const spawner::Synced&) {
    expectWelcomed();
    synced_ = true;
  }

  void take(const spawner::Fault& frame) const {
    throw ConnectError(Obstacle::kPassing,
                       spawner_ + " refuses this vx11d: " + frame.reason +
                           (frame.reason.ends_with('.') ? "" : ".") +
                           " Where that shall stay so, set spawner.socket to another path.");
  }

  template <class Other>
  void take(const Other&) const {
    outOfTurn();
  }

  void expectWelcomed() const {
    if (!welcomed_) outOfTurn();
  }

  [[noreturn]] void outOfTurn() const {
    throw ConnectError(Obstacle::kPassing, spawner_ +
                                               " sent a message out of turn: install vx11d and "
                                               "vx11-spawner from one release.");
  }

  const int socket_;
  const std::string spawner_;
  const MonoTime deadline_;
  const EventFd& stop_;
  bool welcomed_ = false;
  bool synced_ = false;
  Welcome welcome_;
};

}  // namespace

Welcome shakeHands(int socket, const std::filesystem::path& path, std::chrono::milliseconds deadline,
                   const EventFd& stop) {
  return Handshake(socket, path, monoNow() + deadline, stop).run();
}

}  // namespace vx11::spawner_client
