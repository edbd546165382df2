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

TEST_CASE("clock: people may leave out the end of a time") {
  CHECK(parseUtc("2026-01-02T00:55:49.253550") == wallFromMicros(1'767'315'349'253'550));
  CHECK(parseUtc("2026-01-02T00:55:49.253550Z") == wallFromMicros(1'767'315'349'253'550));
  CHECK(parseUtc("2026-01-02T00:55:49.25") == wallFromMicros(1'767'315'349'250'000));
  CHECK(parseUtc("2026-01-02T00:55:49Z") == wallFromMicros(1'767'315'349'000'000));
  CHECK(parseUtc("2026-01-02") == wallFromMicros(1'767'312'000'000'000));
  CHECK(parseUtc("2024-02-29Z") == wallFromMicros(1'709'164'800'000'000));
  for (const char* text :
       {"", "Z", "2026", "2026-01", "2026-13-01", "2026-02-29", "2026-01-02T", "2026-01-02T00:55",
        "2026-01-02T24:00:00", "2026-01-02T00:60:00", "2026-01-02T00:55:49.", "2026-01-02 00:55:49",
        "2026-01-02T00:55:49.1234567", "2026-01-02T00:55:49.-1", "2026-01-02T00:55:49+01:00"}) {
    INFO(text);
    CHECK_FALSE(parseUtc(text).has_value());
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
