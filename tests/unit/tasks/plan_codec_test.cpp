#include "tasks/plan_codec.hpp"

#include "base/error.hpp"
#include "catch.hpp"

using namespace vx11;

namespace {

Plan fullPlan() {
  Plan plan;
  plan.program = "/bin/sh";
  plan.args = {{"main.sh", true}, {"a b", false}, {"", false}};
  plan.env = {{"A", "1"}, {"B", ""}};
  plan.cwd = "/tmp";
  plan.stdin_bytes = std::string("x\0y\xff", 4);
  plan.files = {{"main.sh", "echo hi\n", 0600}, {"data/empty", "", 0644}};
  return plan;
}

}  // namespace

TEST_CASE("plan codec: every field comes back") {
  const auto plan = fullPlan();
  const auto copy = tasks::decodePlan(tasks::encodePlan(plan));
  CHECK(copy.program == plan.program);
  CHECK(copy.args == plan.args);
  CHECK(copy.env == plan.env);
  CHECK(copy.cwd == plan.cwd);
  CHECK(copy.stdin_bytes == plan.stdin_bytes);
  REQUIRE(copy.files.size() == 2);
  CHECK(copy.files[0].name == "main.sh");
  CHECK(copy.files[0].content == "echo hi\n");
  CHECK(copy.files[1].mode == 0644);
}

TEST_CASE("plan codec: limits and names of secrets come back, and cost what has none of them nothing") {
  auto plan = fullPlan();
  const auto plain = tasks::encodePlan(plan);
  CHECK(plain.front() == 1);
  plan.limits = {1, 2, 3, 4, 5, 6, true};
  plan.secret_names = {"A", "B"};
  const auto bytes = tasks::encodePlan(plan);
  const auto copy = tasks::decodePlan(bytes);
  CHECK(copy.limits == plan.limits);
  CHECK(copy.secret_names == plan.secret_names);
  CHECK(copy.files.size() == plan.files.size());
  CHECK(tasks::decodePlan(plain).limits == PlanLimits{});
  for (size_t length = plain.size(); length < bytes.size(); ++length)
    CHECK_THROWS_AS(tasks::decodePlan(std::string_view(bytes).substr(0, length)), Error);
}

TEST_CASE("plan codec: bytes that were cut anywhere, or lengthened, are refused") {
  const auto bytes = tasks::encodePlan(fullPlan());
  for (size_t length = 0; length < bytes.size(); ++length) {
    CHECK_THROWS_AS(tasks::decodePlan(std::string_view(bytes).substr(0, length)), Error);
  }
  CHECK_THROWS_AS(tasks::decodePlan(bytes + "x"), Error);
}

TEST_CASE("plan codec: a count that lies does not reserve memory for it") {
  auto bytes = tasks::encodePlan(Plan{});
  for (size_t i = 9; i < 17; ++i) bytes[i] = '\x7f';  // the number of arguments
  CHECK_THROWS_AS(tasks::decodePlan(bytes), Error);
}
