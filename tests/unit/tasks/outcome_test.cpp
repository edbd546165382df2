#include "tasks/outcome.hpp"

#include "catch.hpp"

using namespace vx11;
using Catch::Contains;
using spawner_client::End;
using spawner_client::Finished;

namespace {

Finished finishedWith(End end) {
  Finished finished;
  finished.end = end;
  finished.started_at = wallFromMicros(1'000'000);
  finished.ended_at = wallFromMicros(3'500'000);
  finished.duration_us = 2'500'000;
  return finished;
}

}  // namespace

TEST_CASE("outcome: exit code 0 is completed, another one failed with the code in words") {
  auto finished = finishedWith(End::kExited);
  CHECK(tasks::endOf(finished).status == "completed");
  CHECK(tasks::endOf(finished).outcome == "succeeded");
  CHECK(tasks::endOf(finished).exit_code == 0);
  finished.exit_code = 7;
  const auto end = tasks::endOf(finished);
  CHECK(end.status == "failed");
  CHECK(end.outcome == "failed");
  CHECK(end.exit_code == 7);
  CHECK_THAT(end.reason, Contains("code 7"));
}

TEST_CASE(
    "outcome: a text whose inline part ends within a character stays a text, other bytes stay as they are") {
  auto finished = finishedWith(End::kExited);
  finished.out.inline_bytes = "caf\xc3";
  finished.out.total_bytes = 5;
  finished.err.inline_bytes = "\xff\xc3";
  finished.err.total_bytes = 9;
  CHECK(tasks::endOf(finished).out == "caf");
  CHECK(tasks::endOf(finished).err == "\xff\xc3");
  finished.out.total_bytes = 4;  // the whole of it
  CHECK(tasks::endOf(finished).out == "caf\xc3");
}

TEST_CASE("outcome: a signal is named and leaves no exit code") {
  auto finished = finishedWith(End::kSignalled);
  finished.signal = 11;
  const auto end = tasks::endOf(finished);
  CHECK(end.status == "failed");
  CHECK(end.signal == 11);
  CHECK_FALSE(end.exit_code);
  CHECK_THAT(end.reason, Contains("SIGSEGV"));
}

TEST_CASE("outcome: each other end has its own words") {
  CHECK(tasks::endOf(finishedWith(End::kTimeout)).status == "timeout");
  CHECK(tasks::endOf(finishedWith(End::kKilled)).status == "cancelled");
  CHECK(tasks::endOf(finishedWith(End::kInterrupted)).outcome == "interrupted");
  CHECK(tasks::endOf(finishedWith(End::kSpawnError)).outcome == "spawn_error");
}

TEST_CASE("outcome: what was never started has no exit code") {
  auto finished = finishedWith(End::kSpawnError);
  finished.started_at.reset();
  CHECK_FALSE(tasks::endOf(finished).exit_code);
  CHECK_FALSE(tasks::endOf(finished).started_at);
}

TEST_CASE("outcome: the usage row carries provider, success, latency and trace") {
  store::SpawnRow row;
  row.task_type = "python";
  row.correlation_id = "cid";
  row.attempt = 1;
  const auto good = tasks::usageOf(row, tasks::endOf(finishedWith(End::kExited)));
  CHECK(good.provider_id == "spawner:python");
  CHECK(good.success);
  CHECK(good.latency_ms == 2500);
  CHECK(good.error_class.empty());
  CHECK(good.trace_id == "cid");
  const auto late = tasks::usageOf(row, tasks::endOf(finishedWith(End::kTimeout)));
  CHECK_FALSE(late.success);
  CHECK(late.error_class == "timeout");
}
