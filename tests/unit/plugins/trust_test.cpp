#include "plugins/trust.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "refusal.hpp"
#include "stage.hpp"

namespace vx11::plugins {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

std::string fileRefusal(const fs::path& file) {
  return refusal(ErrorCode::kConfiguration, [&] { openTrusted(file); });
}

std::string directoryRefusal(const fs::path& directory) {
  return refusal(ErrorCode::kConfiguration, [&] { checkDirectory(directory); });
}

}  // namespace

TEST_CASE("plugin trust: our own file in our own directory is opened close-on-exec") {
  const Stage stage;
  const auto file = stage.write("a.so", "content");
  checkDirectory(stage.root());
  const auto fd = openTrusted(file);
  CHECK((::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("plugin trust: a file that others may write is refused with the command that mends it") {
  const Stage stage;
  const auto file = stage.write("a.so", "content");
  for (const unsigned mode : {0664u, 0646u, 0666u}) {
    Stage::setMode(file, mode);
    CHECK_THAT(fileRefusal(file),
               Contains("written by others") && Contains("chmod go-w") && Contains(file.string()));
  }
}

TEST_CASE("plugin trust: what is no regular .so file is refused without being waited for") {
  const Stage stage;
  SECTION("another suffix") {
    CHECK_THAT(fileRefusal(stage.write("a.txt", "")), Contains("ends in .so"));
  }
  SECTION("symbolic link") {
    fs::create_symlink(stage.write("real.so", ""), stage.root() / "link.so");
    CHECK_THAT(fileRefusal(stage.root() / "link.so"), Contains("symbolic link"));
  }
  SECTION("directory") {
    fs::create_directory(stage.root() / "dir.so");
    CHECK_THAT(fileRefusal(stage.root() / "dir.so"), Contains("not a regular file"));
  }
  SECTION("FIFO without a writer") {
    REQUIRE(::mkfifo((stage.root() / "fifo.so").c_str(), 0600) == 0);
    CHECK_THAT(fileRefusal(stage.root() / "fifo.so"), Contains("not a regular file"));
  }
  SECTION("nothing") {
    CHECK_THAT(fileRefusal(stage.root() / "none.so"), Contains("cannot be opened"));
  }
}

TEST_CASE("plugin trust: a directory that others may write is refused, at any height") {
  const Stage stage;
  const auto deep = stage.root() / "a" / "b";
  fs::create_directories(deep);
  Stage::setMode(stage.root() / "a", 0755);
  Stage::setMode(deep, 0755);
  checkDirectory(deep);
  Stage::setMode(stage.root() / "a", 0775);
  CHECK_THAT(directoryRefusal(deep),
             Contains("The directory " + (stage.root() / "a").string()) && Contains("chmod go-w"));
}

TEST_CASE("plugin trust: the sticky bit helps only on a directory of root's") {
  const Stage stage;
  const auto shared = stage.root() / "shared";
  fs::create_directory(shared);
  Stage::setMode(shared, 01777);
  if (::geteuid() == 0) {
    checkDirectory(shared);
    REQUIRE(::chown(shared.c_str(), 12345, 12345) == 0);
  }
  directoryRefusal(shared);
}

TEST_CASE("plugin trust: what belongs to somebody else is refused with the command that mends it") {
  if (::geteuid() != 0) return;  // only root can give files away
  const Stage stage;
  const auto file = stage.write("a.so", "content");
  REQUIRE(::chown(file.c_str(), 12345, 12345) == 0);
  CHECK_THAT(fileRefusal(file), Contains("belongs to user 12345") && Contains("chown 0"));
  REQUIRE(::chown(stage.root().c_str(), 12345, 12345) == 0);
  CHECK_THAT(directoryRefusal(stage.root()), Contains("belongs to user 12345"));
}

}  // namespace vx11::plugins
