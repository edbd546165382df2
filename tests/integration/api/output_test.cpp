#include "base/text.hpp"
#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"

using namespace vx11::test;

namespace {

bool truncated(const Answer& result, const std::string& stream) {
  return result.json()->getObject("truncated")->getValue<bool>(stream);
}

}  // namespace

TEST_CASE("output: both streams, apart, exact, with their counts") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("printf 'out \\342\\202\\254\\n'; printf 'err \"\\\\ \\t\\n' >&2"));
  CHECK(result.text("stdout") == "out \xe2\x82\xac\n");
  CHECK(result.text("stderr") == "err \"\\ \t\n");
  CHECK(result.text("stdout_bytes") == "8");
  CHECK(result.text("stderr_bytes") == "9");
  CHECK_FALSE(truncated(result, "stdout"));
  CHECK_FALSE(truncated(result, "stderr"));
  CHECK_FALSE(result.json()->has("stdout_base64"));
}

TEST_CASE("output: what is not UTF-8 is exact in base64 and readable beside it") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("printf 'a\\377b\\\\c\\303\\244\\n'; printf 'ok\\\\' >&2"));
  CHECK(vx11::text::fromBase64(result.text("stdout_base64")) ==
        "a\xff"
        "b\\c\xc3\xa4\n");
  CHECK(result.text("stdout") == "a\\xffb\\\\c\xc3\xa4\n");
  CHECK(result.text("stdout_bytes") == "8");
  // Backslashes are doubled only then, and only there.
  CHECK(result.text("stderr") == "ok\\");
  CHECK_FALSE(result.json()->has("stderr_base64"));
}

TEST_CASE("output: a NUL is text like any other, over HTTP and in the database") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("printf 'a\\000b\\n'"));
  const std::string expected("a\0b\n", 4);
  CHECK(result.text("stdout") == expected);
  CHECK(result.text("stdout_bytes") == "4");
  CHECK_FALSE(result.json()->has("stdout_base64"));
  const SqliteReader database(daemon.database());
  const auto rows = database.rows("SELECT coalesce(stdout_raw, CAST(stdout AS BLOB)) FROM spawns");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][0] == expected);
  CHECK(finished(daemon, result.text("spawn_id")).text("stdout") == expected);
}

TEST_CASE("output: of a megabyte the first 65536 bytes stand in the result, and all are counted") {
  OpenDaemon daemon;
  const auto result = run(daemon, task("python",
                                       "import sys\nsys.stdout.write('0123456789abcdef' * 65536)\n"
                                       "sys.stderr.write('x' * 65536)"));
  std::string expected;
  while (expected.size() < 65536) expected += "0123456789abcdef";
  CHECK(result.text("stdout") == expected);
  CHECK(result.text("stdout_bytes") == "1048576");
  CHECK(truncated(result, "stdout"));
  // Exactly what fits is not cut.
  CHECK(result.text("stderr") == std::string(65536, 'x'));
  CHECK(result.text("stderr_bytes") == "65536");
  CHECK_FALSE(truncated(result, "stderr"));
  CHECK(result.text("status") == "DONE");
  daemon.restart();
  CHECK(finished(daemon, result.text("spawn_id")).body == result.body);
}

TEST_CASE("output: tasks.inline_output_bytes sets how much stands in the result, 0 is none") {
  for (const int bytes : {0, 5}) {
    OpenDaemon daemon({{"tasks.inline_output_bytes", std::to_string(bytes)}});
    const auto result = run(daemon, shell("printf 0123456789"));
    CHECK(result.text("stdout") == std::string("0123456789").substr(0, static_cast<size_t>(bytes)));
    CHECK(result.text("stdout_bytes") == "10");
    CHECK(truncated(result, "stdout"));
  }
}

TEST_CASE(
    "output: text that the limit cuts within a character stays text, without the part of the character") {
  OpenDaemon daemon({{"tasks.inline_output_bytes", "4"}});
  const auto result = run(daemon, shell("printf 'abc\\342\\202\\254def'"));
  CHECK(result.text("stdout_bytes") == "9");
  CHECK(truncated(result, "stdout"));
  CHECK(result.text("stdout") == "abc");
  CHECK(result.body.find("stdout_base64") == std::string::npos);
}

TEST_CASE("output: what a program leaves behind in the background does not hold up the result") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("sleep 300 & setsid sleep 300 & echo started"));
  CHECK(result.text("stdout") == "started\n");
  CHECK(result.text("status") == "DONE");
  CHECK(result.text("tree_empty") == "true");
}
