#include "spawner/forked_call.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "catch.hpp"

using namespace vx11;
using namespace vx11::spawner;

namespace {

struct SocketEnds {
  UniqueFd ours;
  UniqueFd theirs;
};

SocketEnds socketEnds() {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

TEST_CASE("forked call: it holds none of our descriptors but the one it was given") {
  EventLoop loop;
  ForkedCall call(loop);
  auto connection = socketEnds();
  auto kept = socketEnds();
  bool over = false;
  const int fd = kept.ours.get();
  REQUIRE(call.begin(
      fd,
      [fd] {
        // Works until the test has seen what it wanted.
        std::array<char, 1> byte{};
        if (send(fd, "r", 1, 0) != 1 || recv(fd, byte.data(), byte.size(), 0) != 1) _exit(1);
      },
      [&] { over = true; }));
  std::array<char, 1> byte{};
  REQUIRE(recv(kept.theirs.get(), byte.data(), byte.size(), 0) == 1);
  // As it is when we die.
  connection.ours.reset();
  pollfd host{connection.theirs.get(), POLLIN, 0};
  CHECK(poll(&host, 1, 0) == 1);
  CHECK((host.revents & POLLHUP) != 0);
  CHECK_FALSE(over);
  REQUIRE(send(kept.theirs.get(), "g", 1, 0) == 1);
  while (!over) loop.turn();
  CHECK_FALSE(call.running());
}
