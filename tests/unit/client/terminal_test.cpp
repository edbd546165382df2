#include "terminal.hpp"

#include "catch.hpp"

using namespace vx11::client;

TEST_CASE("terminal: times as people say them") {
  const std::vector<std::pair<double, std::string>> cases{
      {0, "0 us"},         {-3, "0 us"},          {0.00025, "250 us"},
      {0.0214, "21 ms"},   {1, "1.0 s"},          {59.99, "59.9 s"},
      {60, "1 min 0 s"},   {3599, "59 min 59 s"}, {3600 + 60, "1 h 1 min"},
      {100'000, "1 d 3 h"}};
  for (const auto& [seconds, shown] : cases) CHECK(duration(seconds) == shown);
}

TEST_CASE("terminal: columns are as wide as their widest cell, in characters") {
  CHECK(table({{"ID"}, {"N", true}, {"LABEL"}},
              {{{"a", {}}, {"1", {}}, {"é", {}}}, {{"bcd", {}}, {"22", {}}, {}}}) ==
        "ID    N  LABEL\n"
        "a     1  é\n"
        "bcd  22\n");
  CHECK(table({{"ID"}}, {}) == "ID\n");
}

TEST_CASE("terminal: no text moves the cursor") {
  CHECK(printable("a\x1b[31m\n\t\x7f") == "a\\x1b[31m\\x0a\\x09\\x7f");
  CHECK(printable("grün") == "grün");
}
