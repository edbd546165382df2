#include "base/clock.hpp"

#include "catch.hpp"

using namespace vx11;

TEST_CASE("clock: a time is written in the form of the wire and of the database, and read from both") {
  const auto t = wallFromMicros(1'767'315'349'253'550);
  CHECK(isoTime(t) == "2026-01-02T00:55:49.253550");
  CHECK(sqlTime(t) == "2026-01-02 00:55:49.253550");
  CHECK(parseTime(isoTime(t)) == t);
  CHECK(parseTime(sqlTime(t)) == t);
  CHECK(isoTime(wallFromMicros(0)) == "1970-01-01T00:00:00.000000");
  CHECK(isoTime(wallFromMicros(-1)) == "1969-12-31T23:59:59.999999");
}

TEST_CASE("clock: what is not a time is refused") {
  for (const char* text : {"", "2026-01-02", "2026-01-02T00:55:49.25355", "2026-01-02X00:55:49.253550",
                           "2026-01-02T00:55:49.253550Z", "yyyy-01-02T00:55:49.253550"}) {
    INFO(text);
    CHECK_FALSE(parseTime(text).has_value());
  }
}

TEST_CASE("clock: boot time goes on and the boot id stays") {
  const auto first = bootTimeNs();
  CHECK(first > 0);
  CHECK(bootTimeNs() >= first);
  CHECK(bootId() == bootId());
  CHECK_FALSE(bootId().empty());
  CHECK(microsOf(wallNow()) > 1'600'000'000'000'000);
}
