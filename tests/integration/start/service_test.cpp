// The service manager's protocol, on a socket of our own.
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>

#include "base/unique_fd.hpp"
#include "catch.hpp"
#include "setting.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    memcpy(address.sun_path, path.c_str(), path.size());
    REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }

  // The next message; empty when none comes until the deadline.
  std::string next() {
    pollfd readable{socket_.get(), POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(kDeadline.count())) != 1) return {};
    std::array<char, 4096> buffer{};
    const auto count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return count > 0 ? std::string(buffer.data(), static_cast<size_t>(count)) : std::string();
  }

 private:
  vx11::UniqueFd socket_;
};

}  // namespace

TEST_CASE("start: the service manager hears READY=1 when requests are served, and STOPPING=1 at the end") {
  Daemon daemon;
  const auto path = (daemon.directory() / "notify").string();
  NotifySocket manager(path);
  daemon.setEnvironment("NOTIFY_SOCKET", path);
  daemon.start();
  CHECK_THAT(manager.next(),
             Contains("READY=1\n") && Contains("STATUS=") && Contains(std::to_string(daemon.port())));
  CHECK(daemon.http().get("/health").status == 200);
  CHECK(daemon.terminate() == 0);
  CHECK(manager.next() == "STOPPING=1");
}

TEST_CASE("start: a service manager that is not there is no reason to fail") {
  Daemon daemon;
  daemon.setEnvironment("NOTIFY_SOCKET", (daemon.directory() / "nobody").string());
  daemon.start();
  CHECK(daemon.terminate() == 0);
}
