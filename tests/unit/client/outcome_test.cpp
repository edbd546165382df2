#include "outcome.hpp"

#include "catch.hpp"
#include "failure.hpp"

using namespace vx11::client;
using Catch::Contains;

TEST_CASE("outcome: each has its exit status") {
  const std::vector<std::pair<std::string, int>> cases{
      {R"({"outcome":"succeeded","exit_code":0,"signal":null})", 0},
      {R"({"outcome":"failed","exit_code":3,"signal":null})", 3},
      {R"({"outcome":"failed","exit_code":null,"signal":9})", 137},
      {R"({"outcome":"timeout","exit_code":null,"signal":15})", kTimeLimit},
      {R"({"outcome":"cancelled","exit_code":null,"signal":15})", kCancelled},
      {R"({"outcome":"interrupted"})", kFailed},
      {R"({"outcome":"spawn_error"})", kFailed},
      {R"({"outcome":"one of a later release"})", kFailed}};
  for (const auto& [json, code] : cases) {
    INFO(json);
    CHECK(exitCodeOf(*parseJson(json)) == code);
  }
}

TEST_CASE("outcome: trouble is told in a sentence, success needs none") {
  CHECK(troubleOf(*parseJson(R"({"outcome":"succeeded"})")).empty());
  CHECK(troubleOf(*parseJson(R"({"outcome":"failed","exit_code":3})")) == "failed with status 3");
  CHECK(troubleOf(*parseJson(R"({"outcome":"failed","signal":9,"reason":"ended by signal 9"})")) ==
        "failed: ended by signal 9");
  CHECK_THAT(troubleOf(*parseJson(R"({"outcome":"timeout","reason":"ran too long"})")),
             Contains(": ran too long"));
  // What a reason holds must not move a cursor.
  CHECK_THAT(troubleOf(*parseJson(R"({"outcome":"cancelled","reason":"a\u001b[2Jb"})")),
             Contains("a\\x1b[2Jb"));
}
