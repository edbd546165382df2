#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

TEST_CASE("spawner: a daughter outlives the connection, and the next host is told") {
  SpawnerProcess process(modes().front());
  process.start();
  auto start = shell("echo first; sleep 0.5; echo last");
  const auto nonce = start.nonce;
  int32_t pid = 0;
  {
    Host host(process.socket());
    host.send(std::move(start));
    pid = host.await<Started>().pid;
  }
  {
    Host host(process.socket());
    REQUIRE(host.running().size() == 1);
    CHECK(host.running()[0].nonce == nonce);
    CHECK(host.running()[0].pid == pid);
    CHECK(host.ended().empty());
    const auto end = host.finished(nonce);
    CHECK(end.out.inline_bytes == "first\nlast\n");
  }
  {
    Host host(process.socket());
    CHECK(host.running().empty());
    REQUIRE(host.ended().size() == 1);
    CHECK(host.ended()[0].nonce == nonce);
    CHECK(host.ended()[0].out.inline_bytes == "first\nlast\n");
    host.send(Acknowledge{nonce});
  }
  Host host(process.socket());
  CHECK(host.ended().empty());
}

TEST_CASE("spawner: an end without a host is kept for the next one") {
  SpawnerProcess process(modes().front());
  process.start();
  auto start = shell("sleep 0.2; echo alone");
  const auto nonce = start.nonce;
  {
    Host host(process.socket());
    host.send(std::move(start));
    host.await<Started>();
  }
  REQUIRE(eventually([&] { return process.log().find("event=daughter.finished") != std::string::npos; }));
  Host host(process.socket());
  REQUIRE(host.ended().size() == 1);
  CHECK(host.ended()[0].out.inline_bytes == "alone\n");
}

TEST_CASE("spawner: what a host sent before it went is still done") {
  SpawnerProcess process(modes().front());
  process.start();
  auto start = shell("echo done");
  const auto nonce = start.nonce;
  {
    Host host(process.socket());
    host.send(std::move(start));  // and gone, with unread answers
  }
  REQUIRE(eventually([&] { return process.log().find("event=daughter.finished") != std::string::npos; }));
  Host host(process.socket());
  REQUIRE(host.ended().size() == 1);
  CHECK(host.ended()[0].nonce == nonce);
}

TEST_CASE("spawner: a second host is refused while the first one is there") {
  SpawnerProcess process(modes().front());
  process.start();
  Host first(process.socket());
  const auto second = connectTo(process.socket());
  REQUIRE(second);
  const auto packet = receivePacket(second.get());
  REQUIRE(packet);
  const auto fault = std::get<Fault>(decode(Packet{packet->bytes, {}}));
  CHECK(fault.reason == "another vx11d (pid " + std::to_string(getpid()) + ") is connected");
  const auto end = receivePacket(second.get());
  REQUIRE(end);
  CHECK(end->bytes.empty());
  CHECK(first.run(shell("echo still")).out.inline_bytes == "still\n");
}

TEST_CASE("spawner: garbage costs its sender the connection and nobody else anything") {
  SpawnerProcess process(modes().front());
  process.start();
  auto start = shell("sleep 1; echo survived");
  const auto nonce = start.nonce;
  {
    Host host(process.socket());
    host.send(std::move(start));
    host.await<Started>();
  }
  const std::string whole = encode(Hello{}).bytes;
  std::vector<std::string> garbage = {"x",
                                      "GET / HTTP/1.1\r\n\r\n",
                                      std::string(65'536, '\xff'),
                                      "VXSP",
                                      encode(Synced{}).bytes,
                                      encode(Started{"n", "u", 1, 0, 1}).bytes,
                                      encode(Kill{"n", "before Hello"}).bytes,
                                      encode(Hello{7, 9, 1}).bytes};
  for (size_t cut = 3; cut < whole.size(); cut += 5) garbage.push_back(whole.substr(0, cut));
  for (const auto& bytes : garbage) {
    const auto socket = connectTo(process.socket());
    REQUIRE(socket);
    REQUIRE(sendPacket(socket.get(), Packet{bytes, {}}));
    auto packet = receivePacket(socket.get());
    REQUIRE(packet);
    CHECK(std::holds_alternative<Fault>(decode(std::move(*packet))));
    packet = receivePacket(socket.get());
    REQUIRE(packet);
    CHECK(packet->bytes.empty());
  }
  Host host(process.socket());
  CHECK(host.finished(nonce).out.inline_bytes == "survived\n");
}

TEST_CASE("spawner: a host that does not read loses nothing and blocks nobody") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  std::vector<std::string> nonces;
  for (int i = 0; i < 40; ++i) {
    // Ends of 60 kB fill the socket's buffer several times over.
    auto start = shell("head -c 60000 /dev/zero");
    nonces.push_back(start.nonce);
    host.send(std::move(start));
  }
  REQUIRE(eventually(
      [&] {
        const auto log = process.log();
        size_t count = 0;
        for (size_t at = 0; (at = log.find("event=daughter.finished", at)) != std::string::npos; ++at)
          ++count;
        return count == 40;
      },
      30'000));
  for (const auto& nonce : nonces) CHECK(host.finished(nonce).out.total_bytes == 60'000);
}

TEST_CASE("spawner: a host of a later release is spoken to in our version, one without it is told ours") {
  SpawnerProcess process(modes().front());
  process.start();
  {
    Host later(process.socket(), Hello{1, 99, 0});
    CHECK(later.welcome().version == spokenVersions().newest);
    CHECK(later.run(shell("echo x")).out.inline_bytes == "x\n");
  }
  const auto socket = connectTo(process.socket());
  REQUIRE(sendPacket(socket.get(), encode(Hello{98, 99, getpid()})));
  pollfd event{socket.get(), POLLIN, 0};
  REQUIRE(poll(&event, 1, 15'000) == 1);
  const auto answer = decode(receivePacket(socket.get()).value());
  CHECK_THAT(std::get<Fault>(answer).reason, Catch::Contains("speaks protocol versions 1 to"));
}

TEST_CASE("spawner: a socket path longer than a socket address works") {
  SpawnerProcess process(modes().front());
  const auto directory = process.directory() / std::string(150, 'd');
  REQUIRE(mkdir(directory.c_str(), 0700) == 0);
  struct stat owner {};
  REQUIRE(stat(process.directory().path().c_str(), &owner) == 0);
  REQUIRE(chown(directory.c_str(), owner.st_uid, owner.st_gid) == 0);
  process.setSocket(directory + "/run/spawner.sock");
  process.start();
  Host host(process.socket());
  CHECK(host.run(shell("echo far")).out.inline_bytes == "far\n");
}

TEST_CASE("spawner: the socket is for its owner alone") {
  SpawnerProcess process(modes().front());
  process.start();
  struct stat status {};
  REQUIRE(stat(process.socket().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(stat((process.directory() / "run").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("spawner: a user who is not the host's may not connect") {
  if (modes().front() != Mode::kOwnUid) return;
  SpawnerProcess process(Mode::kOwnUid, {"--host-uid", "54321"});
  process.start();
  struct stat status {};
  REQUIRE(stat(process.socket().c_str(), &status) == 0);
  CHECK(status.st_uid == 54'321);
  // The socket answers before the spool is looked after.
  REQUIRE(eventually([&] { return stat(process.spool().c_str(), &status) == 0 && status.st_uid != 0; }));
  CHECK(status.st_uid == 54'321);
  const auto connectAs = [&](uid_t uid) {
    REQUIRE(chmod(process.socket().c_str(), 0666) == 0);  // so that only the peer check is left
    const pid_t pid = fork();
    if (pid == 0) {
      // Nothing may leave this block: the child must not go on with the tests.
      try {
        if (setresuid(uid, uid, uid) != 0) _exit(9);
        const auto socket = connectTo(process.socket());
        if (!socket) _exit(8);
        try {
          sendPacket(socket.get(), encode(Hello{}));
        } catch (const ProtocolError&) {
          // Turned away already; the reason is there to be read.
        }
        auto packet = receivePacket(socket.get());
        if (!packet || packet->bytes.empty()) _exit(7);
        _exit(std::holds_alternative<Welcome>(decode(std::move(*packet))) ? 0 : 1);
      } catch (...) {
        _exit(6);
      }
    }
    int result = 0;
    REQUIRE(waitpid(pid, &result, 0) == pid);
    return WEXITSTATUS(result);
  };
  CHECK(connectAs(54'321) == 0);
  CHECK(connectAs(54'322) == 1);
}
