#include "sqlite_reader.hpp"

#include "catch.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("sqlite reader: rows, NULL, single values, errors") {
  const TempDirectory directory;
  const auto file = directory / "db";
  REQUIRE(
      runCommand({"sqlite3", file.string(), "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, NULL), (2, 'x')"})
          .exit_status == 0);
  const SqliteReader reader(file);
  const auto rows = reader.rows("SELECT a, b FROM t ORDER BY a");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0][0] == "1");
  CHECK_FALSE(rows[0][1]);
  CHECK(rows[1][1] == "x");
  CHECK(reader.value("SELECT count(*) FROM t") == "2");
  CHECK(reader.value("SELECT b FROM t WHERE a=1") == "NULL");
  CHECK_THROWS_WITH(reader.value("SELECT a FROM t"), Contains("2 rows"));
  CHECK_THROWS_WITH(reader.rows("SELECT * FROM nowhere"), Contains("no such table"));
  CHECK_THROWS_WITH(reader.rows("DELETE FROM t"), Contains("readonly"));
  CHECK(sqliteCommand(file, "SELECT b FROM t WHERE a=2") == "x\n");
  CHECK_THROWS_WITH(sqliteCommand(file, "SELECT * FROM nowhere"), Contains("no such table"));
}
