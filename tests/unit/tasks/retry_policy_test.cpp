#include "tasks/retry_policy.hpp"

#include "catch.hpp"

using namespace vx11;
using namespace vx11::tasks;
using std::chrono::milliseconds;

TEST_CASE("retries: as many as were asked for, and only after what was asked for") {
  store::SpawnRow row;
  row.attempt = 1;
  CHECK_FALSE(isRetried(row, "failed"));
  row.max_retries = 2;
  for (const char* outcome : {"failed", "timeout", "spawn_error"}) CHECK(isRetried(row, outcome));
  for (const char* outcome : {"succeeded", "cancelled", "interrupted", "output_limit", "oom", ""})
    CHECK_FALSE(isRetried(row, outcome));
  row.attempt = 2;
  CHECK(isRetried(row, "failed"));
  row.attempt = 3;
  CHECK_FALSE(isRetried(row, "failed"));
  row.attempt = 1;
  row.retry_on = {"interrupted", "cancelled", "succeeded"};
  CHECK(isRetried(row, "interrupted"));
  for (const char* outcome : {"failed", "cancelled", "succeeded"}) CHECK_FALSE(isRetried(row, outcome));
  row.cancel_reason = "enough";
  CHECK_FALSE(isRetried(row, "interrupted"));
}

TEST_CASE("retries: each waits twice as long as the one before, up to five minutes") {
  const milliseconds first(1000);
  CHECK(retryDelay(first, 1) == milliseconds(1000));
  CHECK(retryDelay(first, 2) == milliseconds(2000));
  CHECK(retryDelay(first, 4) == milliseconds(8000));
  CHECK(retryDelay(first, 9) == milliseconds(256'000));
  CHECK(retryDelay(first, 10) == milliseconds(300'000));
  CHECK(retryDelay(first, 1000) == milliseconds(300'000));
  CHECK(retryDelay(milliseconds(0), 7) == milliseconds(0));
  CHECK(retryDelay(std::chrono::hours(1), 1) == std::chrono::hours(1));
  CHECK(retryDelay(std::chrono::hours(1), 5) == std::chrono::hours(1));
}
