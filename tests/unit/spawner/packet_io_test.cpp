#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "catch.hpp"
#include "spawner/protocol.hpp"

using namespace vx11;
using namespace vx11::spawner;

namespace {

struct Pair {
  UniqueFd near;
  UniqueFd far;
};

Pair connectedPair(int flags = 0) {
  std::array<int, 2> fds{};
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, fds.data()) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace

TEST_CASE("packet io: bytes and descriptors arrive, close-on-exec") {
  const auto pair = connectedPair();
  Packet packet;
  packet.bytes = std::string(kMaxPacketBytes, 'x');
  for (int i = 0; i < 253; ++i) packet.fds.push_back(UniqueFd(dup(0)));
  REQUIRE(sendPacket(pair.near.get(), packet));
  const auto received = receivePacket(pair.far.get());
  REQUIRE(received);
  CHECK(received->bytes == packet.bytes);
  REQUIRE(received->fds.size() == 253);
  CHECK((fcntl(received->fds.back().get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("packet io: a packet over 64 KiB is an error, not a cut packet") {
  const auto pair = connectedPair();
  Packet packet;
  packet.bytes = std::string(kMaxPacketBytes + 1, 'x');
  REQUIRE(sendPacket(pair.near.get(), packet));
  CHECK_THROWS_AS(receivePacket(pair.far.get()), ProtocolError);
}

TEST_CASE("packet io: a socket that would block says so both ways") {
  const auto pair = connectedPair(SOCK_NONBLOCK);
  CHECK_FALSE(receivePacket(pair.far.get()));
  Packet packet;
  packet.bytes = std::string(kMaxPacketBytes, 'x');
  int sent = 0;
  while (sendPacket(pair.near.get(), packet)) REQUIRE(++sent < 1000);
  CHECK(sent > 0);
}

TEST_CASE("packet io: what was sent before the end is read, then the end is an empty packet") {
  auto pair = connectedPair();
  Packet packet;
  packet.bytes = "unread by the one that closes";
  REQUIRE(sendPacket(pair.far.get(), packet));
  packet.bytes = "last words";
  REQUIRE(sendPacket(pair.near.get(), packet));
  // Closing with an unread packet resets the connection on the other side.
  pair.near.reset();
  const auto last = receivePacket(pair.far.get());
  REQUIRE(last);
  CHECK(last->bytes == "last words");
  const auto end = receivePacket(pair.far.get());
  REQUIRE(end);
  CHECK(end->bytes.empty());
  CHECK_THROWS_AS(sendPacket(pair.far.get(), packet), ProtocolError);
}

TEST_CASE("packet io: a sealed memfd holds the bytes and refuses every change") {
  const std::string content("exact\0bytes", 11);
  const auto fd = sealedMemfd("test", content);
  std::array<char, 32> copy{};
  CHECK(read(fd.get(), copy.data(), copy.size()) == 11);
  CHECK(std::string(copy.data(), 11) == content);
  CHECK(pwrite(fd.get(), "x", 1, 0) < 0);
  CHECK(ftruncate(fd.get(), 100) < 0);
  CHECK(ftruncate(fd.get(), 1) < 0);
}
