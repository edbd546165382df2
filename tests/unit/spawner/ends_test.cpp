#include "spawner/ends/ends.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "catch.hpp"
#include "temporary_directory.hpp"

using namespace vx11;
using namespace vx11::spawner;
using vx11::test::TemporaryDirectory;

namespace {

Finished endOf(const std::string& nonce, size_t output = 10) {
  Finished finished;
  finished.nonce = nonce;
  finished.spawn_uuid = "u-" + nonce;
  finished.ended_at_us = 1;
  finished.exit_code = 3;
  finished.out.inline_bytes = std::string(output, 'o');
  return finished;
}

}  // namespace

TEST_CASE("ends: an unacknowledged end is there after a restart, an acknowledged one is not") {
  const TemporaryDirectory directory;
  {
    Ends ends(directory.descriptor());
    ends.add(endOf("kept", 100'000), true);  // larger than a packet
    ends.add(endOf("done"), false);
    CHECK(ends.acknowledge("done"));
    CHECK_FALSE(ends.acknowledge("done"));
    CHECK_FALSE(ends.acknowledge("never"));
  }
  const Ends ends(directory.descriptor());
  REQUIRE(ends.unacknowledged().size() == 1);
  CHECK(ends.unacknowledged().at("kept").exit_code == 3);
  CHECK(ends.unacknowledged().at("kept").out.inline_bytes == std::string(100'000, 'o'));
  CHECK(ends.isKnown("kept"));
  CHECK(ends.isKnown("done"));
  CHECK_FALSE(ends.isKnown("never"));
}

TEST_CASE("ends: one that found no room is written once there is some") {
  const TemporaryDirectory directory;
  {
    Ends ends(directory.descriptor());
    CHECK(ends.writeMissing());
    rlimit all{};
    getrlimit(RLIMIT_FSIZE, &all);
    signal(SIGXFSZ, SIG_IGN);
    const rlimit little{1000, all.rlim_max};
    setrlimit(RLIMIT_FSIZE, &little);
    ends.add(endOf("early"), true);
    ends.add(endOf("late", 100'000), true);
    CHECK_FALSE(ends.writeMissing());
    setrlimit(RLIMIT_FSIZE, &all);
    CHECK(ends.writeMissing());
    CHECK(ends.writeMissing());
  }
  const Ends ends(directory.descriptor());
  CHECK(ends.unacknowledged().size() == 2);
  CHECK(ends.unacknowledged().count("late") == 1);
}

TEST_CASE("ends: the file shrinks when everything is acknowledged") {
  const TemporaryDirectory directory;
  const auto path = directory / RecordLog::kFileName;
  Ends ends(directory.descriptor());
  for (int i = 0; i < 30; ++i) ends.add(endOf("n" + std::to_string(i), 60'000), false);
  CHECK(std::filesystem::file_size(path) > 1'500'000);
  for (int i = 0; i < 30; ++i) ends.acknowledge("n" + std::to_string(i));
  CHECK(std::filesystem::file_size(path) == 0);
}

TEST_CASE("ends: one old end does not make the file grow for ever") {
  const TemporaryDirectory directory;
  const auto path = directory / RecordLog::kFileName;
  {
    Ends ends(directory.descriptor());
    ends.add(endOf("old"), false);
    for (int i = 0; i < 300; ++i) {
      ends.add(endOf("n" + std::to_string(i), 60'000), false);
      ends.acknowledge("n" + std::to_string(i));
    }
    CHECK(std::filesystem::file_size(path) < 6'000'000);
  }
  const Ends ends(directory.descriptor());
  CHECK(ends.unacknowledged().size() == 1);
  CHECK(ends.unacknowledged().count("old") == 1);
}

TEST_CASE("ends: nonces are remembered in bounded memory, the oldest forgotten first") {
  const TemporaryDirectory directory;
  Ends ends(directory.descriptor());
  for (int i = 0; i < 5000; ++i) ends.remember("n" + std::to_string(i));
  CHECK_FALSE(ends.isKnown("n0"));
  CHECK(ends.isKnown("n4999"));
  CHECK(ends.isKnown("n1000"));
}
