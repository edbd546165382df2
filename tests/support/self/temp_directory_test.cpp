#include "temp_directory.hpp"

#include <sys/stat.h>

#include "catch.hpp"

using namespace vx11::test;

TEST_CASE("temp directory: private, and gone with all that is in it, also where it may not be read") {
  std::filesystem::path path;
  {
    const TempDirectory directory;
    path = directory.path();
    CHECK(modeOf(path) == 0700);
    std::filesystem::create_directories(directory / "a/b");
    writeFile(directory / "a/b/file", "x");
    chmod((directory / "a/b").c_str(), 0);
    std::filesystem::create_symlink("/", directory / "root");
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(std::filesystem::exists("/"));
}

TEST_CASE("temp directory: files have the mode that was asked for") {
  const TempDirectory directory;
  const mode_t before = umask(077);
  writeFile(directory / "f", std::string("a\0b", 3), 0666);
  umask(before);
  CHECK(modeOf(directory / "f") == 0666);
  CHECK(readFile(directory / "f") == std::string("a\0b", 3));
  CHECK(readFile(directory / "none").empty());
}
