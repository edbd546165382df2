#include "base/text.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace vx11;
using namespace std::string_literals;

TEST_CASE("text: well-formed UTF-8 is told from what only looks like it") {
  CHECK(text::isUtf8(""));
  CHECK(text::isUtf8("plain"));
  CHECK(text::isUtf8("é € 😀"));
  CHECK(text::isUtf8("\x7f"));
  CHECK(text::isUtf8("\xf4\x8f\xbf\xbf"));        // U+10FFFF
  CHECK_FALSE(text::isUtf8("\x80"));              // continuation alone
  CHECK_FALSE(text::isUtf8("\xc3"));              // cut
  CHECK_FALSE(text::isUtf8("\xe2\x82"));          // cut
  CHECK_FALSE(text::isUtf8("\xc0\x80"));          // overlong NUL
  CHECK_FALSE(text::isUtf8("\xe0\x80\xaf"));      // overlong slash
  CHECK_FALSE(text::isUtf8("\xf0\x80\x80\xaf"));  // overlong slash
  CHECK_FALSE(text::isUtf8("\xed\xa0\x80"));      // surrogate
  CHECK_FALSE(text::isUtf8("\xf4\x90\x80\x80"));  // past U+10FFFF
  CHECK_FALSE(text::isUtf8("\xff"));
}

TEST_CASE("text: bytes that are not text are shown as hex, and nothing else changes but backslashes") {
  CHECK(text::escapeInvalidUtf8("a\xff"
                                "b") == "a\\xffb");
  CHECK(text::escapeInvalidUtf8("C:\\new €") == "C:\\\\new €");
  CHECK(text::escapeInvalidUtf8("\xe2\x82") == "\\xe2\\x82");
  CHECK(text::escapeInvalidUtf8("\x01\n") == "\x01\n");
}

TEST_CASE("text: base64 goes both ways for every length and byte") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(text::fromBase64(text::toBase64(bytes)) == bytes);
    bytes += static_cast<char>(i);
  }
  CHECK(text::toBase64("f") == "Zg==");
  CHECK(text::toBase64("fo") == "Zm8=");
  CHECK(text::toBase64("foo") == "Zm9v");
  CHECK(text::fromBase64("") == "");
}

TEST_CASE("text: base64 that another reader could take differently is refused") {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "====", "=", "Z===", "Zm9v\n", "Zm 9", "Zm9-", "Zm9_",
                          "Zg==Zg==", "Zh==", "Zm9=", "Zm=v"}) {
    INFO(bad);
    CHECK_FALSE(text::fromBase64(bad).has_value());
  }
}

TEST_CASE("text: a character that is cut off at the end is told from a whole one") {
  const std::vector<std::pair<std::string, size_t>> cases{
      {"", 0},
      {"a", 1},
      {"a\xc3", 1},
      {"a\xc3\xa9", 3},
      {"\xe2\x82", 0},
      {"\xe2\x82\xac", 3},
      {"\xf0\x9f\x98", 0},
      {"x\xf0", 1},
      {"\xf0\x9f\x98\x80", 4},
      // No character is ever whole here, however much comes.
      {"\x80", 1},
      {"\x80\x80\x80\x80", 4},
      {"a\xff", 2},
      {"\xc1", 1}};
  for (const auto& [bytes, whole] : cases) {
    CAPTURE(text::toBase64(bytes));
    CHECK(text::wholeCharacters(bytes) == whole);
  }
}

TEST_CASE("text: the nearest name is found for slips, and none is made up") {
  const std::vector<std::string> names{"task_type", "code", "ttl_seconds", "max_retries"};
  CHECK(text::nearest("cod", names) == "code");
  CHECK(text::nearest("TASK_TYPE", names) == "task_type");
  CHECK(text::nearest("task", names) == "task_type");
  CHECK(text::nearest("taks_type", names) == "task_type");
  CHECK(text::nearest("ttl_secnods", names) == "ttl_seconds");
  CHECK(text::nearest("maxretries", names) == "max_retries");
  CHECK(text::nearest("banana", names).empty());
  CHECK(text::nearest("", names).empty());
  CHECK(text::nearest(std::string(100'000, 'x'), names).empty());
  CHECK(text::nearest("cod", {}).empty());
}

TEST_CASE("text: a quoted argument can be pasted into a shell") {
  CHECK(text::shellQuote("http://127.0.0.1:8000/x") == "http://127.0.0.1:8000/x");
  CHECK(text::shellQuote("") == "''");
  CHECK(text::shellQuote("a b") == "'a b'");
  CHECK(text::shellQuote("it's") == "'it'\\''s'");
  CHECK(text::shellQuote("$(x)") == "'$(x)'");
}
