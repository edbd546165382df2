#include "store/session.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

using namespace std::string_literals;

namespace {

ErrorCode codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::kInternal;
}

struct Scratch {
  TempDir directory;
  WriteSession session{directory.path() / "scratch.db", std::chrono::seconds(5)};
  Scratch() {
    session.runOnce("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, r REAL, x TEXT, b BLOB) STRICT");
  }
};

}  // namespace

TEST_CASE("session: a kept statement takes new values each time") {
  Scratch scratch;
  for (int64_t i = 0; i < 100; ++i) {
    scratch.session.run("INSERT INTO t (n, x) VALUES (?, ?)", {i, "row " + std::to_string(i)});
  }
  int64_t expected = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> texts;
    scratch.session.query("SELECT n, x FROM t WHERE n >= ? ORDER BY n", {round * 10}, [&](Row& row) {
      expected += row.integer();
      texts.push_back(row.text());
    });
    REQUIRE(texts.size() == static_cast<size_t>(100 - round * 10));
    CHECK(texts.front() == "row " + std::to_string(round * 10));
  }
  CHECK(expected == 4950 + (4950 - 45) + (4950 - 190));
}

TEST_CASE("session: numbers of 64 bits, reals, NULL and empty text come back as they went") {
  Scratch scratch;
  scratch.session.run("INSERT INTO t (n, r, x, b) VALUES (?,?,?,?)",
                      {INT64_MIN, 0.1, ""s, Value::bytes("\0\xff\0"s)});
  scratch.session.run("INSERT INTO t (n, r, x, b) VALUES (?,?,?,?)",
                      {std::nullopt, std::nullopt, std::optional<std::string>(), Value::bytes("")});
  int rows = 0;
  scratch.session.query("SELECT n, r, x, b FROM t ORDER BY id", {}, [&](Row& row) {
    const bool first = rows++ == 0;
    CHECK(row.maybeInteger() == (first ? std::optional<int64_t>(INT64_MIN) : std::nullopt));
    CHECK(row.real() == (first ? 0.1 : 0.0));
    CHECK(row.maybeText() == (first ? std::optional<std::string>("") : std::nullopt));
    CHECK(row.maybeBytes() == (first ? std::optional<std::string>("\0\xff\0"s) : std::nullopt));
  });
  CHECK(rows == 2);
}

// Why outputs have a BLOB beside their TEXT.
TEST_CASE("session: Poco cuts TEXT at a NUL and takes a BLOB whole") {
  Scratch scratch;
  scratch.session.run("INSERT INTO t (x, b) VALUES (?,?)", {"a\0b"s, Value::bytes("a\0b"s)});
  scratch.session.query("SELECT x, b FROM t", {}, [&](Row& row) {
    CHECK(row.text() == "a");
    CHECK(row.maybeBytes() == "a\0b"s);
  });
}

TEST_CASE("session: a statement works again after it failed") {
  Scratch scratch;
  const auto insert = [&](int id) { scratch.session.run("INSERT INTO t (id) VALUES (?)", {id}); };
  insert(1);
  CHECK(codeOf([&] { insert(1); }) == ErrorCode::kConflict);
  insert(2);
  CHECK(scratch.session.ask("SELECT count(*) FROM t") == "2");
}

TEST_CASE("session: a reader of rows that throws leaves the session usable") {
  Scratch scratch;
  for (int i = 0; i < 3; ++i) scratch.session.run("INSERT INTO t (n) VALUES (?)", {i});
  int seen = 0;
  const auto read = [&](bool fail) {
    scratch.session.query("SELECT n FROM t", {}, [&](Row&) {
      ++seen;
      if (fail) throw Error(ErrorCode::kInternal, "enough");
    });
  };
  CHECK(codeOf([&] { read(true); }) == ErrorCode::kInternal);
  read(false);
  CHECK(seen == 4);
}

TEST_CASE("session: a fault in the SQL or a second statement is an error, not a hang") {
  Scratch scratch;
  CHECK(codeOf([&] { scratch.session.runOnce("SELEC 1"); }) == ErrorCode::kInternal);
  CHECK(codeOf([&] { scratch.session.runOnce("SELECT 1; SELECT 2"); }) == ErrorCode::kInternal);
  CHECK(codeOf([&] { scratch.session.run("INSERT INTO t (n) VALUES (?)"); }) == ErrorCode::kInternal);
  CHECK(codeOf([&] { scratch.session.run("INSERT INTO t (n) VALUES (?)", {"text"s}); }) ==
        ErrorCode::kInternal);
}

TEST_CASE("session: settings are those of the design") {
  Fixture fixture;
  fixture.database.commit([](WriteSession& session) {
    CHECK(session.ask("PRAGMA journal_mode") == "wal");
    CHECK(session.ask("PRAGMA synchronous") == "2");
    CHECK(session.ask("PRAGMA foreign_keys") == "1");
    CHECK(session.ask("PRAGMA busy_timeout") == "5000");
    CHECK(session.ask("PRAGMA mmap_size") == "0");
    CHECK(session.ask("PRAGMA temp_store") == "2");
  });
  fixture.database.read([](ReadSession& session) {
    CHECK(session.ask("PRAGMA query_only") == "1");
    CHECK(session.ask("PRAGMA busy_timeout") == "5000");
  });
}

TEST_CASE("session: a reader cannot write") {
  Fixture fixture;
  CHECK(codeOf([&] {
          fixture.database.read([](ReadSession& session) { session.runOnce("DELETE FROM spawns"); });
        }) == ErrorCode::kStorage);
}

}  // namespace vx11::store::test
