#include <sys/stat.h>
#include <unistd.h>

#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

// Every byte value, in an order that shows a lost or doubled block.
std::string pattern(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 1;
  for (auto& c : bytes) {
    state = state * 1'664'525U + 1'013'904'223U;
    c = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_CASE("spawner: a daughter may open /dev/stdin, /dev/stdout and /dev/stderr") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("cat /dev/stdin >/dev/stdout && echo wrong >/dev/stderr");
  start.stdin_content = sealedMemfd("stdin", "right\n");
  const auto end = host.run(std::move(start));
  CHECK(end.exit_code == 0);
  CHECK(end.out.inline_bytes == "right\n");
  CHECK(end.err.inline_bytes == "wrong\n");
}

TEST_CASE(
    "spawner: three megabytes of stdin arrive and come back exactly, beyond the inline part in the spool") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  const auto content = pattern(3'000'000);
  auto start = shell("cat");
  start.stdin_content = sealedMemfd("stdin", content);
  start.inline_output_bytes = 1000;
  const auto nonce = start.nonce;
  const auto end = host.run(std::move(start));
  CHECK(end.out.total_bytes == content.size());
  CHECK(end.out.inline_bytes == content.substr(0, 1000));
  REQUIRE(end.out.spool_file == nonce + ".out");
  CHECK((readFile(process.spool() + "/" + end.out.spool_file) == content));
  struct stat spooled {};
  struct stat spool {};
  REQUIRE(stat((process.spool() + "/" + end.out.spool_file).c_str(), &spooled) == 0);
  REQUIRE(stat(process.spool().c_str(), &spool) == 0);
  CHECK((spooled.st_mode & 0777) == 0600);
  CHECK(spooled.st_uid == spool.st_uid);
  CHECK(end.err.spool_file.empty());
}

TEST_CASE("spawner: output of exactly the inline size needs no file, one byte more does") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  auto fits = shell("printf 12345");
  fits.inline_output_bytes = 5;
  const auto whole = host.run(std::move(fits));
  CHECK(whole.out.inline_bytes == "12345");
  CHECK(whole.out.spool_file.empty());
  auto exceeds = shell("printf 123456");
  exceeds.inline_output_bytes = 5;
  const auto cut = host.run(std::move(exceeds));
  CHECK(cut.out.inline_bytes == "12345");
  CHECK(cut.out.total_bytes == 6);
  CHECK(readFile(process.spool() + "/" + cut.out.spool_file) == "123456");
  auto nothing = shell("printf x >&2");
  nothing.inline_output_bytes = 0;
  const auto none = host.run(std::move(nothing));
  CHECK(none.err.inline_bytes.empty());
  CHECK(readFile(process.spool() + "/" + none.err.spool_file) == "x");
}

TEST_CASE("spawner: large inline parts of both streams travel beside the packet") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  auto start = shell("head -c 200000 /dev/zero; head -c 300000 /dev/zero >&2");
  start.inline_output_bytes = 1'000'000;
  const auto end = host.run(std::move(start));
  CHECK((end.out.inline_bytes == std::string(200'000, '\0')));
  CHECK((end.err.inline_bytes == std::string(300'000, '\0')));
}

TEST_CASE("spawner: a full disk costs the tail of the output, not the daughter, and is told") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  // The file's name is taken, and an existing file is never touched.
  auto start = shell("head -c 5000000 /dev/zero; echo end >&2");
  const auto path = process.spool() + "/" + start.nonce + ".out";
  REQUIRE(symlink("/dev/full", path.c_str()) == 0);
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kExited);
  CHECK(end.exit_code == 0);
  CHECK(end.out.total_bytes == 5'000'000);
  CHECK(end.out.inline_bytes.size() == 65'536);
  CHECK(end.out.spool_file.empty());
  CHECK(end.err.inline_bytes == "end\n");
  CHECK(end.reason.find("could not be kept") != std::string::npos);
}

TEST_CASE("spawner: of a stream the spool keeps no more than it may, to the byte, and the end says so") {
  SpawnerProcess process(modes().front(), {"--max-output-bytes", "200000"});
  process.start();
  Host host(process.socket());
  const auto content = pattern(3'000'000);
  auto start = shell("head -c 200000 >&2; cat");
  start.stdin_content = sealedMemfd("stdin", pattern(200'000) + content);
  const auto end = host.run(std::move(start));
  CHECK(end.exit_code == 0);
  CHECK(end.out.total_bytes == content.size());
  CHECK((readFile(process.spool() + "/" + end.out.spool_file) == content.substr(0, 200'000)));
  CHECK(end.reason ==
        "the file with the output is cut short: it has the first 200000 bytes (tasks.max_output_bytes)");
  // What just fits is whole.
  CHECK(end.err.total_bytes == 200'000);
  CHECK((readFile(process.spool() + "/" + end.err.spool_file) == pattern(200'000)));
}

TEST_CASE("spawner: a flood from one daughter does not hold up another") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  auto flood = shell("exec cat /dev/zero");
  flood.inline_output_bytes = 0;
  // The flood's file cannot be made: the flood is drained and dropped, so that the test needs no disk.
  REQUIRE(symlink("/dev/full", (process.spool() + "/" + flood.nonce + ".out").c_str()) == 0);
  const auto flood_nonce = flood.nonce;
  host.send(std::move(flood));
  host.await<Started>();
  for (int i = 0; i < 20; ++i) CHECK(host.run(shell("echo quick"), 5'000).out.inline_bytes == "quick\n");
  host.send(Kill{flood_nonce, "enough"});
  const auto end = host.finished(flood_nonce);
  CHECK(end.end == End::kKilled);
  CHECK(end.out.total_bytes > 1'000'000);
}
