#include "spawner/daughters/removal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "temporary_directory.hpp"

using namespace vx11;
using namespace vx11::spawner;
using vx11::test::TemporaryDirectory;

namespace {

// Turns of the loop until everything is removed.
int runToEnd(EventLoop& loop, const Removal& removal) {
  int turns = 0;
  while (!removal.idle()) {
    loop.turn();
    REQUIRE(++turns < 10'000);
  }
  return turns;
}

}  // namespace

TEST_CASE("removal: an empty directory, a full one, a file and nothing at all are gone and done") {
  const TemporaryDirectory place;
  std::filesystem::create_directory(place / "empty");
  std::filesystem::create_directories(place / "full/a/b");
  std::ofstream(place / "full/a/b/c") << "x";
  std::ofstream(place / "file") << "x";
  EventLoop loop;
  Removal removal(loop, place.descriptor());
  int done = 0;
  for (const char* name : {"empty", "full", "file", "nothing"}) removal.add(name, {}, [&](bool) { ++done; });
  runToEnd(loop, removal);
  CHECK(done == 4);
  CHECK(std::filesystem::is_empty(place.path()));
}

TEST_CASE("removal: many files take many turns") {
  const TemporaryDirectory place;
  std::filesystem::create_directory(place / "t");
  for (int i = 0; i < 3000; ++i) std::ofstream(place / ("t/" + std::to_string(i)));
  EventLoop loop;
  Removal removal(loop, place.descriptor());
  removal.add("t", {}, nullptr);
  CHECK(runToEnd(loop, removal) > 10);
  CHECK(std::filesystem::is_empty(place.path()));
}

TEST_CASE("removal: huge files are removed wherever they lie, and meanwhile the loop goes on") {
  const TemporaryDirectory place;
  std::filesystem::create_directories(place / "t/a/b");
  for (const char* name : {"file", "t/likely", "t/top", "t/a/nested", "t/a/b/deep"}) {
    const UniqueFd file(open((place / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(posix_fallocate(file.get(), 0, 17 * 1024 * 1024) == 0);
  }
  EventLoop loop;
  Removal removal(loop, place.descriptor());
  int done = 0;
  removal.add("file", {}, [&](bool gone) { done += gone ? 1 : 0; });
  removal.add("t", {"likely"}, [&](bool gone) { done += gone ? 1 : 0; });
  // Each is waited for in a turn of its own.
  CHECK(runToEnd(loop, removal) > 5);
  CHECK(done == 2);
  CHECK(std::filesystem::is_empty(place.path()));
  while (waitpid(-1, nullptr, 0) > 0) continue;
}

TEST_CASE("removal: nesting deeper than any path or number of descriptors is removed") {
  const TemporaryDirectory place;
  std::filesystem::create_directory(place / "t");
  UniqueFd at(open((place / "t").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(mkdirat(at.get(), "a-name-of-some-length", 0700) == 0);
    at.reset(openat(at.get(), "a-name-of-some-length", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(at);
  }
  EventLoop loop;
  Removal removal(loop, place.descriptor());
  removal.add("t", {}, nullptr);
  runToEnd(loop, removal);
  CHECK(std::filesystem::is_empty(place.path()));
}

TEST_CASE("removal: links are removed, what they point at is not") {
  const TemporaryDirectory place;
  const TemporaryDirectory outside;
  std::filesystem::create_directory(outside / "directory");
  std::ofstream(outside / "directory/file") << "precious";
  std::filesystem::create_directories(place / "t/sub");
  std::filesystem::create_symlink(outside.path(), place / "t/link");
  std::filesystem::create_directory_symlink(outside / "directory", place / "t/sub/link");
  std::filesystem::create_symlink(outside.path(), place / "top");
  EventLoop loop;
  Removal removal(loop, place.descriptor());
  removal.add("t", {}, nullptr);
  removal.add("top", {}, nullptr);
  runToEnd(loop, removal);
  CHECK(std::filesystem::is_empty(place.path()));
  CHECK(std::filesystem::exists(outside / "directory/file"));
}

TEST_CASE("removal: names that it would use itself are no obstacle") {
  const TemporaryDirectory place;
  for (int i = 1; i < 20; ++i) {
    const auto name = ".vx11-removal-" + std::to_string(i);
    std::filesystem::create_directories(place / ("t/" + name + "/below/deep"));
  }
  std::filesystem::create_directories(place / "t/a/b/c/d");
  EventLoop loop;
  Removal removal(loop, place.descriptor());
  removal.add("t", {}, nullptr);
  runToEnd(loop, removal);
  CHECK(std::filesystem::is_empty(place.path()));
}
