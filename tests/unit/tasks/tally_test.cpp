#include "tasks/tally.hpp"

#include "catch.hpp"

using namespace vx11::tasks;
using std::chrono::milliseconds;

TEST_CASE(
    "tally: ends are counted by type and outcome, durations of what was started in their first bucket") {
  Tally tally;
  tally.accepted("shell");
  tally.accepted("shell");
  tally.accepted("python");
  tally.attemptEnded("shell", "succeeded", true, milliseconds(10));
  tally.attemptEnded("shell", "failed", true, milliseconds(11));
  tally.attemptEnded("shell", "timeout", false, milliseconds(0));
  tally.attemptEnded("shell", "succeeded", true, std::chrono::hours(48));
  const auto all = tally.snapshot();
  CHECK(all.accepted.at("shell") == 2);
  CHECK(all.accepted.at("python") == 1);
  CHECK(all.attempts_ended.at({"shell", "succeeded"}) == 2);
  CHECK(all.attempts_ended.at({"shell", "timeout"}) == 1);
  const auto& durations = all.durations.at("shell");
  CHECK(durations.count == 3);
  CHECK(durations.counts[0] == 1);
  CHECK(durations.counts[1] == 1);
  CHECK(durations.counts.back() == 1);
  CHECK(durations.seconds == Approx(172'800.021));
  CHECK(all.durations.count("python") == 0);
}
