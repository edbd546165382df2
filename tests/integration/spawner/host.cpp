#include "host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>

#include "base/id.hpp"
#include "catch.hpp"
#include "spawner_process.hpp"

namespace vx11::test {

using namespace vx11::spawner;

UniqueFd connectTo(const std::string& path) {
  const auto slash = path.rfind('/');
  const UniqueFd directory(open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return {};
  const std::string reachable = "/proc/self/fd/" + std::to_string(directory.get()) + path.substr(slash);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(reachable.size() < sizeof address.sun_path);
  memcpy(address.sun_path, reachable.c_str(), reachable.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return socket;
}

Start shell(const std::string& script) {
  static std::atomic<int> count{0};
  const std::string id = std::to_string(getpid()) + "-" + std::to_string(++count);
  Start start;
  start.nonce = newUuid();
  start.spawn_uuid = newUuid();
  start.spawn_id = "spawn-" + id;
  start.correlation_id = "cid-" + id;
  start.task_type = "shell";
  start.ttl_ms = 60'000;
  start.program = "/bin/sh";
  start.args = {{"-c", false}, {script, false}};
  return start;
}

Host::Host(const std::string& socket_path, Hello hello) : socket_(connectTo(socket_path)) {
  REQUIRE(socket_);
  hello.pid = getpid();
  send(hello);
  welcome_ = await<Welcome>();
  for (;;) {
    auto message = next();
    if (std::holds_alternative<Synced>(message)) return;
    if (auto* started = std::get_if<Started>(&message)) running_.push_back(std::move(*started));
    if (auto* ended = std::get_if<Finished>(&message)) ended_.push_back(std::move(*ended));
  }
}

void Host::send(Message message) {
  REQUIRE(sendPacket(socket_.get(), encode(std::move(message))));
}

Message Host::next(int timeout_ms) {
  pollfd event{socket_.get(), POLLIN, 0};
  if (poll(&event, 1, timeout_ms) != 1) FAIL("no message came in time");
  auto packet = receivePacket(socket_.get());
  if (!packet || packet->bytes.empty()) FAIL("the spawner closed the connection");
  return decode(std::move(*packet));
}

Finished Host::finished(const std::string& nonce, int timeout_ms) {
  for (auto it = early_.begin(); it != early_.end(); ++it) {
    if (it->nonce != nonce) continue;
    auto found = std::move(*it);
    early_.erase(it);
    return found;
  }
  for (;;) {
    auto message = next(timeout_ms);
    if (auto* refused = std::get_if<Refused>(&message)) FAIL("refused: " + refused->reason);
    auto* finished = std::get_if<Finished>(&message);
    if (finished == nullptr) continue;
    if (finished->nonce == nonce) return std::move(*finished);
    early_.push_back(std::move(*finished));
  }
}

Finished Host::run(Start start, int timeout_ms) {
  const std::string nonce = start.nonce;
  send(std::move(start));
  auto end = finished(nonce, timeout_ms);
  send(Acknowledge{nonce});
  return end;
}

Message Host::sendWhenPossible(const std::string& script) {
  for (int tries = 0; tries < 1000; ++tries) {
    auto start = shell(script);
    const auto nonce = start.nonce;
    send(std::move(start));
    for (bool refused = false; !refused;) {
      auto message = next();
      if (const auto* started = std::get_if<Started>(&message); started != nullptr && started->nonce == nonce)
        return message;
      if (auto* finished = std::get_if<Finished>(&message)) {
        if (finished->nonce == nonce) return message;
        early_.push_back(std::move(*finished));
      }
      if (const auto* answer = std::get_if<Refused>(&message)) {
        if (!answer->transient) FAIL("refused: " + answer->reason);
        refused = true;
      }
    }
    pause_ms(5);
  }
  FAIL("it was refused for too long");
  return {};
}

Started Host::startWhenPossible(const std::string& script) {
  auto message = sendWhenPossible(script);
  REQUIRE(std::holds_alternative<Started>(message));
  return std::get<Started>(std::move(message));
}

Finished Host::runWhenPossible(const std::string& script) {
  auto message = sendWhenPossible(script);
  // One that ends at once has not always a Started before its end.
  const auto* started = std::get_if<Started>(&message);
  auto end = started != nullptr ? finished(started->nonce) : std::get<Finished>(std::move(message));
  send(Acknowledge{end.nonce});
  return end;
}

}  // namespace vx11::test
