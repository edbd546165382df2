#include "scripted_spawner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <stdexcept>

namespace vx11::spawner_client {

namespace {

void waitReadable(int fd, std::chrono::milliseconds deadline = test::kDeadline) {
  pollfd entry{fd, POLLIN, 0};
  if (poll(&entry, 1, static_cast<int>(deadline.count())) <= 0) {
    throw std::runtime_error("the host did nothing until the deadline");
  }
}

}  // namespace

UniqueFd listenAt(const std::filesystem::path& socket) {
  const UniqueFd directory(open(socket.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string path =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + socket.filename().string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), 16) != 0) {
    throw std::runtime_error(std::string("cannot listen: ") + strerror(errno));
  }
  return fd;
}

spawner::Packet Peer::next() {
  waitReadable(socket_.get());
  return std::move(*spawner::receivePacket(socket_.get()));
}

spawner::Message Peer::receive() {
  spawner::Packet packet = next();
  if (packet.bytes.empty()) throw std::runtime_error("the host closed the connection");
  return spawner::decode(std::move(packet));
}

bool Peer::seesTheEnd() {
  return next().bytes.empty();
}

void Peer::send(spawner::Message message) {
  const spawner::Packet packet = spawner::encode(std::move(message));
  spawner::sendPacket(socket_.get(), packet);
}

void Peer::sendBytes(std::string_view bytes) {
  spawner::sendPacket(socket_.get(), {std::string(bytes), {}});
}

ScriptedSpawner::ScriptedSpawner(const std::filesystem::path& socket) : listener_(listenAt(socket)) {}

Peer ScriptedSpawner::accept(std::chrono::milliseconds deadline) {
  waitReadable(listener_.get(), deadline);
  return Peer(UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
}

Peer ScriptedSpawner::welcome(const std::string& instance) {
  Peer peer = accept();
  peer.receiveA<spawner::Hello>();
  spawner::Welcome welcome;
  welcome.instance = instance;
  welcome.pid = getpid();
  welcome.isolation = "same-user";
  welcome.tree_kill = "sweep";
  peer.send(std::move(welcome));
  return peer;
}

Peer ScriptedSpawner::welcomeEmpty(const std::string& instance) {
  Peer peer = welcome(instance);
  peer.send(spawner::Synced{});
  return peer;
}

}  // namespace vx11::spawner_client
