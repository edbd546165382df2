#include "spawner/daughters/task_directories.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/id.hpp"
#include "catch.hpp"
#include "spawner/failure.hpp"
#include "temporary_directory.hpp"

using namespace vx11;
using namespace vx11::spawner;
using vx11::test::TemporaryDirectory;

namespace {

std::vector<StartFile> one(const std::string& name, const std::string& content, uint32_t mode = 0600) {
  std::vector<StartFile> files;
  files.push_back({name, mode, sealedMemfd("file", content)});
  return files;
}

mode_t modeOf(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("task directories: names stay within the directory") {
  for (const std::string good : {"a", "main.py", "data/in.txt", "a/b/c/d", "...", "..a", "a b", ".hidden"}) {
    CHECK(isRelativeName(good));
  }
  for (const auto& bad : {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"),
                          std::string("."), std::string(".."), std::string("a/../b"), std::string("a/."),
                          std::string("a\0b", 3), std::string(256, 'x'), std::string("/")}) {
    CHECK_FALSE(isRelativeName(bad));
  }
}

TEST_CASE("task directories: the parent is 0711, a task's is 0700, a file has its mode whatever the umask") {
  const TemporaryDirectory place;
  const mode_t before = umask(077);
  const TaskDirectories directories(place / "tasks", false, 0);
  directories.make("t", 0, one("sub/tool", "#!/bin/sh\n", 0755));
  umask(before);
  CHECK(modeOf(place / "tasks") == 0711);
  CHECK(modeOf(place / "tasks/t") == 0700);
  CHECK(modeOf(place / "tasks/t/sub") == 0700);
  CHECK(modeOf(place / "tasks/t/sub/tool") == 0755);
  CHECK(directories.pathOf("t") == std::filesystem::canonical(place / "tasks/t").string());
  // What has no name of a task is none of ours.
  CHECK(directories.leftovers().empty());
  const std::string task = newUuid() + "." + newUuid();
  directories.make(task, 0, {});
  CHECK(directories.leftovers() == std::vector<std::string>{task});
}

TEST_CASE("task directories: content is written exactly") {
  const TemporaryDirectory place;
  const TaskDirectories directories(place / "tasks", false, 0);
  std::string content;
  for (int i = 0; i < 1'000'000; ++i) content += static_cast<char>(i * 7 + i / 251);
  directories.make("t", 0, one("file", content));
  std::ifstream file(place / "tasks/t/file", std::ios::binary);
  CHECK((std::string(std::istreambuf_iterator<char>(file), {}) == content));
}

TEST_CASE(
    "task directories: a name that is there, a bad mode and a file in the way of a directory are refused") {
  const TemporaryDirectory place;
  const TaskDirectories directories(place / "tasks", false, 0);
  directories.make("t", 0, {});
  CHECK_THROWS_AS(directories.make("t", 0, {}), CannotLaunch);
  CHECK_THROWS_AS(directories.make("u", 0, one("f", "", 04755)), CannotLaunch);
  auto files = one("f", "");
  files.push_back({"f/below", 0600, sealedMemfd("file", "")});
  CHECK_THROWS_AS(directories.make("v", 0, files), CannotLaunch);
}

TEST_CASE("task directories: two spawners cannot share one") {
  const TemporaryDirectory place;
  const TaskDirectories first(place / "tasks", false, 0);
  CHECK_THROWS_AS(TaskDirectories(place / "tasks", false, 0), CannotStart);
}
