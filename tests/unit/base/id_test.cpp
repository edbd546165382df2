#include "base/id.hpp"

#include <set>
#include <string>

#include "catch.hpp"

using namespace vx11;

TEST_CASE("id: a uuid is version 4, lower case and never the same twice") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto uuid = newUuid();
    REQUIRE(uuid.size() == 36);
    CHECK(uuid.find_first_not_of("0123456789abcdef-") == std::string::npos);
    CHECK(uuid[8] == '-');
    CHECK(uuid[13] == '-');
    CHECK(uuid[14] == '4');
    CHECK(uuid[18] == '-');
    CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
    CHECK(uuid[23] == '-');
    CHECK(seen.insert(uuid).second);
  }
  CHECK(spawnIdOf("0123abcd-1111-4222-8333-444455556666") == "spawn-0123abcd");
}

TEST_CASE("id: what has the form of a uuid, and what has not") {
  CHECK(isUuid(newUuid()));
  CHECK(isUuid("0123abcd-1111-4222-8333-444455556666"));
  for (const char* text : {"", "0123abcd", "0123abcd-1111-4222-8333-44445555666",
                           "0123ABCD-1111-4222-8333-444455556666", "0123abcd-1111-4222-8333-4444555566667",
                           "0123abcd01111-4222-8333-444455556666", "g123abcd-1111-4222-8333-444455556666"})
    CHECK_FALSE(isUuid(text));
}

TEST_CASE("id: a correlation id has 1 to 128 plain characters") {
  CHECK(isCorrelationId("a"));
  CHECK(isCorrelationId("Run.1_2:3-4"));
  CHECK(isCorrelationId(std::string(128, 'x')));
  CHECK_FALSE(isCorrelationId(""));
  CHECK_FALSE(isCorrelationId(std::string(129, 'x')));
  for (const char* text : {"a b", "a/b", "a\n", "é", "a\"", "a%41", "a,b"})
    CHECK_FALSE(isCorrelationId(text));
}

TEST_CASE("id: a traceparent is taken only in the W3C form") {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  CHECK(isTraceparent(good));
  CHECK_FALSE(isTraceparent(""));
  CHECK_FALSE(isTraceparent(good + "0"));
  CHECK_FALSE(isTraceparent("ff" + good.substr(2)));
  CHECK_FALSE(isTraceparent("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"));
  CHECK_FALSE(isTraceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
  CHECK_FALSE(isTraceparent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
  CHECK_FALSE(isTraceparent("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
}
