#include "spawner/ends/record_log.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "spawner/failure.hpp"
#include "temporary_directory.hpp"

using namespace vx11;
using namespace vx11::spawner;
using vx11::test::TemporaryDirectory;
using Records = std::vector<std::string>;

TEST_CASE("record log: what was appended is found by the next one") {
  const TemporaryDirectory directory;
  const Records records = {"first", "", std::string("bin\0ary", 7), std::string(300'000, 'x')};
  {
    RecordLog log(directory.descriptor());
    CHECK(log.takeFound().empty());
    for (const auto& record : records) REQUIRE(log.append(record));
  }
  RecordLog log(directory.descriptor());
  CHECK(log.takeFound() == records);
}

TEST_CASE(
    "record log: a tail torn anywhere costs the last record only, and appending goes on behind the others") {
  const TemporaryDirectory directory;
  const auto path = directory / RecordLog::kFileName;
  {
    RecordLog log(directory.descriptor());
    REQUIRE(log.append("kept"));
    REQUIRE(log.append("torn"));
  }
  const auto whole = std::filesystem::file_size(path);
  for (uintmax_t cut = 1; cut <= 12; ++cut) {
    std::filesystem::resize_file(path, whole - cut);
    {
      RecordLog log(directory.descriptor());
      CHECK(log.takeFound() == Records{"kept"});
      REQUIRE(log.append("torn"));
    }
    RecordLog log(directory.descriptor());
    CHECK(log.takeFound() == Records{"kept", "torn"});
  }
}

TEST_CASE("record log: a damaged record ends the reading") {
  const TemporaryDirectory directory;
  {
    RecordLog log(directory.descriptor());
    REQUIRE(log.append("kept"));
    REQUIRE(log.append("damaged"));
  }
  std::fstream file(directory / RecordLog::kFileName, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('!');
  file.close();
  RecordLog log(directory.descriptor());
  CHECK(log.takeFound() == Records{"kept"});
}

TEST_CASE("record log: a length that lies is not believed") {
  const TemporaryDirectory directory;
  std::ofstream(directory / RecordLog::kFileName, std::ios::binary)
      << std::string("\xff\xff\xff\x7f\0\0\0\0abc", 11);
  RecordLog log(directory.descriptor());
  CHECK(log.takeFound().empty());
  CHECK(log.bytes() == 0);
}

TEST_CASE("record log: rewriting keeps exactly the given records") {
  const TemporaryDirectory directory;
  {
    RecordLog log(directory.descriptor());
    for (int i = 0; i < 100; ++i) REQUIRE(log.append("record " + std::to_string(i)));
    REQUIRE(log.rewrite({"one", "two"}));
    REQUIRE(log.append("three"));
  }
  {
    RecordLog log(directory.descriptor());
    CHECK(log.takeFound() == Records{"one", "two", "three"});
    REQUIRE(log.rewrite({}));
    CHECK(log.bytes() == 0);
  }
  RecordLog log(directory.descriptor());
  CHECK(log.takeFound().empty());
}

TEST_CASE("record log: an append that does not fit leaves the file as it was") {
  const TemporaryDirectory directory;
  {
    RecordLog log(directory.descriptor());
    REQUIRE(log.append("kept"));
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = log.bytes() + 100;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    const bool written = log.append(std::string(1000, 'x'));
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    CHECK_FALSE(written);
    REQUIRE(log.append("after"));
  }
  RecordLog log(directory.descriptor());
  CHECK(log.takeFound() == Records{"kept", "after"});
}

TEST_CASE("record log: a link in place of the file is not followed") {
  const TemporaryDirectory directory;
  const auto target = directory / "target";
  std::ofstream(target) << "precious";
  REQUIRE(symlink(target.c_str(), (directory / RecordLog::kFileName).c_str()) == 0);
  CHECK_THROWS_AS(RecordLog(directory.descriptor()), CannotStart);
  REQUIRE(unlink((directory / RecordLog::kFileName).c_str()) == 0);
  REQUIRE(link(target.c_str(), (directory / RecordLog::kFileName).c_str()) == 0);
  CHECK_THROWS_AS(RecordLog(directory.descriptor()), CannotStart);
}
