#include <sqlite3.h>

#include <memory>

#include "catch.hpp"
#include "setting.hpp"
#include "spawner_processes.hpp"
#include "sqlite_reader.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("start: a database of a newer vx11 is refused and left as it is") {
  Daemon daemon;
  daemon.start();
  CHECK(daemon.terminate() == 0);
  {
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open(daemon.database().c_str(), &opened) == SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
    REQUIRE(sqlite3_exec(opened, "PRAGMA user_version = 9999", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains(daemon.database().string()) && Contains("9999") && Contains("newer"));
  CHECK(SqliteReader(daemon.database()).value("PRAGMA user_version") == "9999");
}

TEST_CASE("start: a file that is no database is refused and left as it is") {
  Daemon daemon;
  const std::string letter = "Dear diary,\n" + std::string(5000, 'x');
  writeFile(daemon.database(), letter, 0640);
  const auto refusal = daemon.runExpectingFailure();
  CHECK(refusal.exit_status == 1);
  CHECK(refusal.out.empty());
  CHECK_THAT(refusal.err, Contains(daemon.database().string()) && Contains("no SQLite database"));
  CHECK(readFile(daemon.database()) == letter);
  CHECK(spawnersOf(daemon.spawnerSocket()).empty());
}
