#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/error.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

namespace fs = std::filesystem;

mode_t modeOf(const fs::path& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

void checkRefused(const fs::path& file, const std::string& words) {
  try {
    Database refused({.file = file});
    FAIL("opened");
  } catch (const Error& e) {
    INFO(e.what());
    CHECK(e.code() == ErrorCode::kStorage);
    const std::string sentence = e.what();
    CHECK(sentence.find(file.parent_path().string()) != std::string::npos);
    CHECK(sentence.find(words) != std::string::npos);
  }
}

// As a user that owns nothing here, also where the tests run as root.
std::string openAsNobody(const fs::path& file) {
  Process probe({VX11_STORE_PROBE, "open", file.string()});
  const std::string line = probe.readLine();
  CHECK(probe.wait() == 0);
  return line;
}

}  // namespace

TEST_CASE("opening: the files are 0640 whatever the umask") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  for (const mode_t mask : {0000, 0077}) {
    fs::remove(file);
    const mode_t before = umask(mask);
    Database database({.file = file});
    database.commit([](WriteSession& session) { spawns::insert(session, sampleSpawn()); });
    umask(before);
    CHECK(modeOf(file) == 0640);
    CHECK(modeOf(file.string() + "-wal") == 0640);
    CHECK(modeOf(file.string() + "-shm") == 0640);
  }
}

TEST_CASE("opening: a missing directory is named") {
  TempDir directory;
  checkRefused(directory.path() / "none" / "vx11.db", "No such file or directory");
}

TEST_CASE("opening: a file in place of the directory is named") {
  TempDir directory;
  std::ofstream(directory.path() / "plain") << "x";
  checkRefused(directory.path() / "plain" / "vx11.db", "Not a directory");
}

TEST_CASE("opening: a file that is no database is refused and left as it is") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  std::ofstream(file) << std::string(5000, 'x');
  checkRefused(file, "no SQLite database");
  CHECK(fs::file_size(file) == 5000);
}

TEST_CASE("opening: a directory in place of the file is refused") {
  TempDir directory;
  fs::create_directory(directory.path() / "vx11.db");
  checkRefused(directory.path() / "vx11.db", "regular file");
}

TEST_CASE("opening: a directory that this user may not write is named") {
  TempDir directory;
  fs::permissions(directory.path(), static_cast<fs::perms>(0555));
  const std::string answer = openAsNobody(directory.path() / "vx11.db");
  CHECK(answer.rfind("storage: The state directory " + directory.path().string(), 0) == 0);
  CHECK(answer.find("Make it writable") != std::string::npos);
  fs::permissions(directory.path(), static_cast<fs::perms>(0755));
}

TEST_CASE("opening: a file that this user may not write is named") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  { Database made({.file = file}); }
  fs::permissions(directory.path(), static_cast<fs::perms>(0777));
  fs::permissions(file, static_cast<fs::perms>(0444));
  if (geteuid() != 0) return;  // the owner passes by its directory: only another user can be refused here
  const std::string answer = openAsNobody(file);
  CHECK(answer.rfind("storage: The database " + file.string(), 0) == 0);
  CHECK(answer.find("Let this user read and write it") != std::string::npos);
}

TEST_CASE("opening: another process that holds the lock is named instead of waiting for ever") {
  TempDir directory;
  const auto file = directory.path() / "vx11.db";
  { Database made({.file = file}); }
  Process other({VX11_STORE_PROBE, "lock", file.string()});
  REQUIRE(other.readLine() == "locked");
  try {
    Database refused({.file = file, .busy_timeout = std::chrono::milliseconds(50)});
    FAIL("opened");
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::kStorage);
    CHECK(std::string(e.what()).find("locked by another process") != std::string::npos);
  }
}

TEST_CASE("opening: a relative path means the present directory, also later") {
  TempDir directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  Database database({.file = "vx11.db"});
  fs::current_path(before);
  database.commit([](WriteSession& session) { spawns::insert(session, sampleSpawn()); });
  CHECK(fs::exists(directory.path() / "vx11.db"));
}

}  // namespace vx11::store::test
