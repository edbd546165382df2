#include "http/log_limit.hpp"

#include "catch.hpp"

using vx11::http::LogLimit;

TEST_CASE("log limit: the first lines pass, the flood behind them does not") {
  LogLimit limit(3);
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto left_out = limit.admit();
    if (left_out) ++passed;
  }
  // A second may end once within the loop.
  CHECK(passed >= 3);
  CHECK(passed <= 6);
}
