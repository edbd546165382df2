#include "spawner/protocol.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "catch.hpp"
#include "spawner/fields.hpp"

using namespace vx11;
using namespace vx11::spawner;

namespace {

std::string contentOf(const UniqueFd& fd) {
  std::string content(1 << 20, '\0');
  const auto size = pread(fd.get(), content.data(), content.size(), 0);
  content.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return content;
}

template <class M>
M roundTrip(M message) {
  return std::get<M>(decode(encode(std::move(message))));
}

Start someStart() {
  Start start;
  start.nonce = "n1";
  start.spawn_uuid = "0f4bfb1a-0000-4000-8000-000000000000";
  start.spawn_id = "spawn-0f4bfb1a";
  start.correlation_id = "cid";
  start.task_type = "shell";
  start.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  start.ttl_ms = 60'000;
  start.kill_grace_ms = 100;
  start.inline_output_bytes = 10;
  start.program = "/bin/sh";
  start.args = {{"-c", false}, {"", false}, {"main.py", true}, {std::string("a\nb\xff"), false}};
  start.env = {{"A", "1"}, {"EMPTY", ""}};
  start.cwd = "/";
  start.limits = {1, 2, 3, 4, 5, 6, true};
  start.secret_env = {{"S", "hush"}};
  return start;
}

void append(std::string& bytes, uint64_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
}

std::string field(uint16_t tag, const std::string& content) {
  std::string bytes;
  append(bytes, tag, 2);
  append(bytes, content.size(), 4);
  return bytes + content;
}

std::string packetBytes(uint16_t version, uint16_t type, const std::string& fields) {
  std::string bytes = "VXSP";
  append(bytes, version, 2);
  append(bytes, type, 2);
  return bytes + fields;
}

constexpr uint16_t kAcknowledgeType = 9;

Message decodeBytes(std::string bytes) {
  Packet packet;
  packet.bytes = std::move(bytes);
  return decode(std::move(packet));
}

}  // namespace

TEST_CASE("protocol: every message survives the wire") {
  const auto hello = roundTrip(Hello{1, 7, 4711});
  CHECK(hello.oldest == 1);
  CHECK(hello.newest == 7);
  CHECK(hello.pid == 4711);

  const auto welcome = roundTrip(Welcome{1, "uuid", 12, "own-uid", "uid"});
  CHECK(welcome.version == 1);
  CHECK(welcome.instance == "uuid");
  CHECK(welcome.pid == 12);
  CHECK(welcome.isolation == "own-uid");
  CHECK(welcome.tree_kill == "uid");

  roundTrip(Synced{});

  const auto started = roundTrip(Started{"n", "u", 99, 1'900'000'000, 1'767'315'349'253'550});
  CHECK(started.nonce == "n");
  CHECK(started.spawn_uuid == "u");
  CHECK(started.pid == 99);
  CHECK(started.uid == 1'900'000'000);
  CHECK(started.started_at_us == 1'767'315'349'253'550);

  const auto refused = roundTrip(Refused{"n", "u", true, "no free uid"});
  CHECK(refused.transient);
  CHECK(refused.reason == "no free uid");

  const auto kill = roundTrip(Kill{"n", "cancelled by local"});
  CHECK(kill.nonce == "n");
  CHECK(kill.reason == "cancelled by local");
  CHECK(roundTrip(Acknowledge{"n"}).nonce == "n");
  CHECK(roundTrip(Fault{"why"}).reason == "why");

  const auto follow = roundTrip(Follow{"n", false});
  CHECK(follow.nonce == "n");
  CHECK_FALSE(follow.on);
  const auto grown = roundTrip(Grown{"n", 5'000'000'000ULL, 7});
  CHECK(grown.nonce == "n");
  CHECK(grown.out_bytes == 5'000'000'000ULL);
  CHECK(grown.err_bytes == 7);
}

TEST_CASE("protocol: an end survives the wire with both streams to the byte") {
  Finished finished;
  finished.nonce = "n";
  finished.spawn_uuid = "u";
  finished.end = End::kSignalled;
  finished.exit_code = -1;
  finished.signal = 9;
  finished.reason = "killed";
  finished.pid = 4711;
  finished.started_at_us = 1;
  finished.ended_at_us = 5;
  finished.duration_us = 4;
  finished.user_us = 3;
  finished.system_us = 2;
  finished.max_rss_kb = 1024;
  finished.out = {std::string("a\0\xff\n", 4), 5'000'000'000ULL, "n.out"};
  finished.err = {"e", 1, ""};
  finished.tree_empty = true;
  const auto copy = roundTrip(finished);
  CHECK(copy.end == End::kSignalled);
  CHECK(copy.exit_code == -1);
  CHECK(copy.signal == 9);
  CHECK(copy.pid == 4711);
  CHECK(copy.reason == "killed");
  CHECK(copy.started_at_us == 1);
  CHECK(copy.ended_at_us == 5);
  CHECK(copy.duration_us == 4);
  CHECK(copy.user_us == 3);
  CHECK(copy.system_us == 2);
  CHECK(copy.max_rss_kb == 1024);
  CHECK(copy.out.inline_bytes == std::string("a\0\xff\n", 4));
  CHECK(copy.out.total_bytes == 5'000'000'000ULL);
  CHECK(copy.out.spool_file == "n.out");
  CHECK(copy.err.inline_bytes == "e");
  CHECK(copy.tree_empty);
}

TEST_CASE("protocol: a start carries arguments, environment, stdin and files") {
  auto start = someStart();
  start.stdin_content = sealedMemfd("stdin", "input");
  start.files.push_back({"main.py", 0644, sealedMemfd("file", "print(1)")});
  start.files.push_back({"data/empty", 0600, sealedMemfd("file", "")});
  const auto copy = roundTrip(std::move(start));
  const auto expected = someStart();
  CHECK(copy.nonce == expected.nonce);
  CHECK(copy.spawn_id == expected.spawn_id);
  CHECK(copy.correlation_id == expected.correlation_id);
  CHECK(copy.task_type == expected.task_type);
  CHECK(copy.traceparent == expected.traceparent);
  CHECK(copy.ttl_ms == 60'000);
  CHECK(copy.kill_grace_ms == 100);
  CHECK(copy.inline_output_bytes == 10);
  CHECK(copy.program == "/bin/sh");
  CHECK(copy.args == expected.args);
  CHECK(copy.env == expected.env);
  CHECK(copy.cwd == "/");
  CHECK(copy.limits == expected.limits);
  CHECK(copy.secret_env == expected.secret_env);
  REQUIRE(copy.stdin_content);
  CHECK(contentOf(*copy.stdin_content) == "input");
  REQUIRE(copy.files.size() == 2);
  CHECK(copy.files[0].name == "main.py");
  CHECK(copy.files[0].mode == 0644);
  CHECK(contentOf(copy.files[0].content) == "print(1)");
  CHECK(contentOf(copy.files[1].content).empty());
}

TEST_CASE("protocol: arguments and environment that exceed a packet travel in memfds") {
  auto start = someStart();
  start.args.push_back({std::string(500'000, 'x'), false});
  start.env.emplace_back("BIG", std::string(200'000, 'y'));
  start.files.push_back({"f", 0600, sealedMemfd("file", "content")});
  const auto expected_args = start.args;
  const auto expected_env = start.env;
  auto packet = encode(std::move(start));
  CHECK(packet.bytes.size() <= kMaxPacketBytes);
  CHECK(packet.fds.size() == 3);
  const auto copy = std::get<Start>(decode(std::move(packet)));
  CHECK(copy.args == expected_args);
  CHECK(copy.env == expected_env);
  CHECK(contentOf(copy.files.at(0).content) == "content");
}

TEST_CASE("protocol: inline output that exceeds a packet travels in a memfd") {
  Finished finished;
  finished.nonce = "n";
  finished.spawn_uuid = "u";
  finished.out.inline_bytes = std::string(65'536, 'o');
  finished.err.inline_bytes = std::string(65'536, 'e');
  auto packet = encode(finished);
  CHECK(packet.bytes.size() <= kMaxPacketBytes);
  CHECK(packet.fds.size() == 2);
  const auto copy = std::get<Finished>(decode(std::move(packet)));
  CHECK(copy.out.inline_bytes == finished.out.inline_bytes);
  CHECK(copy.err.inline_bytes == finished.err.inline_bytes);
}

TEST_CASE("protocol: more files than a packet may carry cannot be sent") {
  auto start = someStart();
  for (size_t i = 0; i <= kMaxFiles; ++i) start.files.push_back({"f" + std::to_string(i), 0600, UniqueFd()});
  CHECK_THROWS_AS(encode(std::move(start)), ProtocolError);
}

TEST_CASE("protocol: a packet cut anywhere is refused or complete, never read past its end") {
  auto whole = encode(someStart());
  size_t refused = 0;
  for (size_t size = 0; size < whole.bytes.size(); ++size) {
    try {
      decodeBytes(whole.bytes.substr(0, size));
    } catch (const ProtocolError&) {
      ++refused;
    }
  }
  // Only a cut between two fields behind the last needed one gives a packet that is complete in itself.
  CHECK(refused >= whole.bytes.size() - 13);
}

TEST_CASE("protocol: lengths that lie are refused") {
  std::string lie;
  append(lie, 1, 2);
  append(lie, 0xffffffffU, 4);
  CHECK_THROWS_AS(decodeBytes(packetBytes(1, kAcknowledgeType, lie + "abc")), ProtocolError);

  // The packet's own lengths are right, the one within the list of arguments is not.
  std::string args(1, '\0');
  append(args, 1000, 4);
  auto start = encode(someStart());
  start.bytes = packetBytes(1, 4,
                            field(1, "n") + field(2, "u") + field(7, std::string(8, '\0')) +
                                field(10, "/bin/sh") + field(11, args + "short"));
  CHECK_THROWS_AS(decode(std::move(start)), ProtocolError);
}

TEST_CASE("protocol: unknown fields are skipped") {
  const auto message = decodeBytes(packetBytes(1, kAcknowledgeType, field(77, "new") + field(1, "nonce")));
  CHECK(std::get<Acknowledge>(message).nonce == "nonce");
}

TEST_CASE("protocol: missing, doubled and mistyped fields are refused") {
  CHECK_THROWS_AS(decodeBytes(packetBytes(1, kAcknowledgeType, "")), ProtocolError);
  CHECK_THROWS_AS(decodeBytes(packetBytes(1, kAcknowledgeType, field(1, "a") + field(1, "b"))),
                  ProtocolError);
  CHECK_THROWS_AS(decodeBytes(packetBytes(1, 1, field(1, "a") + field(2, "b"))), ProtocolError);
  // 65,536 does not fit into a version's 16 bits.
  const std::string big("\0\0\1\0\0\0\0\0", 8);
  CHECK_THROWS_AS(decodeBytes(packetBytes(1, 1, field(1, big) + field(2, big))), ProtocolError);
}

TEST_CASE("protocol: unknown types, foreign framings and foreign bytes are refused") {
  CHECK_THROWS_AS(decodeBytes(packetBytes(1, 99, field(1, "n"))), ProtocolError);
  CHECK_THROWS_AS(decodeBytes(packetBytes(0, kAcknowledgeType, field(1, "n"))), ProtocolError);
  CHECK_THROWS_AS(decodeBytes(packetBytes(2, kAcknowledgeType, field(1, "n"))), ProtocolError);
  CHECK_THROWS_AS(decodeBytes("GET / HTTP/1.1\r\n\r\n"), ProtocolError);
  CHECK_THROWS_AS(decodeBytes(""), ProtocolError);
}

TEST_CASE("protocol: what the first version put on the wire is still read, and still written to the byte") {
  // Written down when version 1 was made: a spawner of that release may run for weeks beside a newer vx11d.
  const std::string nonce = field(1, "n");
  const auto number = [](uint64_t value) {
    std::string bytes;
    append(bytes, value, 8);
    return bytes;
  };
  CHECK(encode(Hello{1, 1, 7}).bytes ==
        packetBytes(1, 1, field(1, number(1)) + field(2, number(1)) + field(3, number(7))));
  CHECK(encode(Synced{}).bytes == packetBytes(1, 3, ""));
  CHECK(encode(Kill{"n", "why"}).bytes == packetBytes(1, 8, nonce + field(2, "why")));
  CHECK(encode(Acknowledge{"n"}).bytes == packetBytes(1, 9, nonce));
  CHECK(encode(Fault{"why"}).bytes == packetBytes(1, 10, field(1, "why")));
  CHECK(encode(Started{"n", "u", 5, 6, 7}).bytes ==
        packetBytes(1, 5,
                    nonce + field(2, "u") + field(3, number(5)) + field(4, number(6)) + field(5, number(7))));

  const auto welcome = std::get<Welcome>(decodeBytes(packetBytes(
      1, 2,
      field(1, number(1)) + field(2, "uuid") + field(3, number(9)) + field(4, "own-uid") + field(5, "uid"))));
  CHECK(welcome.version == 1);
  CHECK(welcome.isolation == "own-uid");
  const auto start = std::get<Start>(
      decodeBytes(packetBytes(1, 4, nonce + field(2, "u") + field(7, number(60)) + field(10, "/bin/sh"))));
  CHECK(start.ttl_ms == 60);
  CHECK(start.program == "/bin/sh");
  const auto finished = std::get<Finished>(decodeBytes(packetBytes(
      1, 7, nonce + field(2, "u") + field(3, number(1)) + field(8, number(12)) + field(4, number(3)))));
  CHECK(finished.end == End::kExited);
  CHECK(finished.exit_code == 3);
}

TEST_CASE("protocol: an end of an unknown kind is refused") {
  for (const uint64_t kind : {0, 7, 255}) {
    std::string number;
    append(number, kind, 8);
    CHECK_THROWS_AS(
        decodeBytes(packetBytes(
            1, 7, field(1, "n") + field(2, "u") + field(3, number) + field(8, std::string(8, '\0')))),
        ProtocolError);
  }
}

TEST_CASE("protocol: descriptors that are not sealed memfds are refused") {
  const auto decodeWith = [](UniqueFd fd) {
    auto start = someStart();
    start.stdin_content = std::move(fd);
    return decode(encode(std::move(start)));
  };
  SECTION("an unsealed memfd") {
    CHECK_THROWS_AS(decodeWith(UniqueFd(memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING))),
                    ProtocolError);
  }
  SECTION("a memfd that may still grow") {
    UniqueFd fd(memfd_create("growing", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    REQUIRE(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK) == 0);
    CHECK_THROWS_AS(decodeWith(std::move(fd)), ProtocolError);
  }
  SECTION("a device") {
    CHECK_THROWS_AS(decodeWith(UniqueFd(open("/dev/zero", O_RDONLY | O_CLOEXEC))), ProtocolError);
  }
  SECTION("none at all") {
    auto start = someStart();
    start.stdin_content = sealedMemfd("stdin", "x");
    auto packet = encode(std::move(start));
    packet.fds.clear();
    CHECK_THROWS_AS(decode(std::move(packet)), ProtocolError);
  }
  SECTION("one for two fields") {
    std::string file;
    append(file, 0600, 4);
    append(file, 0, 4);
    append(file, 1, 4);
    file += 'f';
    Packet packet;
    packet.bytes = packetBytes(1, 4,
                               field(1, "n") + field(2, "u") + field(7, std::string(8, '\0')) +
                                   field(10, "/bin/sh") + field(14, std::string(4, '\0')) + field(15, file));
    packet.fds.push_back(sealedMemfd("stdin", "x"));
    CHECK_THROWS_AS(decode(std::move(packet)), ProtocolError);
  }
}
