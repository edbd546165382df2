#include "http/range.hpp"

#include "catch.hpp"

using vx11::http::parseRange;

TEST_CASE("range: one range of bytes, cut at the end") {
  const auto check = [](std::string_view field, uint64_t size, uint64_t first, uint64_t length) {
    INFO(field);
    const auto range = parseRange(field, size);
    REQUIRE(range);
    CHECK(range->length == length);
    if (length > 0) CHECK(range->first == first);
  };
  check("bytes=0-9", 100, 0, 10);
  check("Bytes=0-9", 100, 0, 10);
  check("bytes= 5-5 ", 100, 5, 1);
  check("bytes=90-", 100, 90, 10);
  check("bytes=90-200", 100, 90, 10);
  check("bytes=-10", 100, 90, 10);
  check("bytes=-1000", 100, 0, 100);
  check("bytes=100-", 100, 0, 0);
  check("bytes=0-", 0, 0, 0);
  check("bytes=-0", 100, 0, 0);
  check("bytes=0-18446744073709551615", UINT64_MAX, 0, UINT64_MAX);
  check("bytes=99999999999999999999-", 100, 0, 0);
}

TEST_CASE("range: what is to be ignored") {
  for (const char* field : {"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=9-1", "bytes=+1-2",
                            "bytes=1--2", "bytes=0x1-2", "bytes=1-2,4-5", "items=0-9", "bytes 0-9/100"}) {
    INFO(field);
    CHECK_FALSE(parseRange(field, 100).has_value());
  }
  CHECK_FALSE(parseRange("bytes=-1", 0).has_value());
}
