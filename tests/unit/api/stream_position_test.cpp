#include "api/stream_position.hpp"

#include "base/error.hpp"
#include "catch.hpp"

using namespace vx11;
using namespace vx11::api;

TEST_CASE("stream position: what is printed is read again") {
  const StreamPosition first{.out = 120, .err = 7, .spawn_id = "spawn-1f2e3d4c", .attempt = 1};
  CHECK(print(first) == "stdout:120,stderr:7,spawn-1f2e3d4c");
  auto third = first;
  third.attempt = 3;
  CHECK(print(third) == "stdout:120,stderr:7,spawn-1f2e3d4c.3");
  for (const auto& position : {first, third}) {
    const auto again = parsePosition(print(position));
    CHECK(again.out == position.out);
    CHECK(again.err == position.err);
    CHECK(again.spawn_id == position.spawn_id);
    CHECK(again.attempt == position.attempt);
  }
}

TEST_CASE("stream position: each part may be missing, nothing else may be there") {
  const auto position = parsePosition("stderr:5");
  CHECK(position.out == 0);
  CHECK(position.err == 5);
  CHECK(position.spawn_id.empty());
  CHECK(position.attempt == 1);
  for (const char* bad : {"", "stdout:", "stdout:+1", "stdout:1;stderr:2", "stdout:18446744073709551616",
                          "x:1", "spawn-1.x", "spawn-1.-2", "stdout:1,,stderr:1"}) {
    INFO(bad);
    CHECK_THROWS_AS(parsePosition(bad), Error);
  }
}
