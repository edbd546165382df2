#include "spawner_client/convert.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

using namespace vx11;
using namespace vx11::spawner_client;

TEST_CASE("spawner client frames: every field of a start is carried over") {
  StartRequest request;
  request.nonce = "n";
  request.spawn_uuid = "u";
  request.spawn_id = "spawn-1";
  request.correlation_id = "c";
  request.task_type = "python";
  request.traceparent = "t";
  request.ttl = std::chrono::milliseconds(1500);
  request.kill_grace = std::chrono::milliseconds(250);
  request.inline_output_bytes = 77;
  request.plan.program = "/usr/bin/python3";
  request.plan.args = {{"-u", false}, {"code.py", true}};
  request.plan.env = {{"A", "1"}};
  request.plan.cwd = "/srv";
  request.plan.stdin_bytes = std::string("in\0put", 6);
  request.plan.files = {{"code.py", "print(1)", 0640}};

  const spawner::Start frame = toFrame(request);
  CHECK(frame.nonce == "n");
  CHECK(frame.spawn_uuid == "u");
  CHECK(frame.spawn_id == "spawn-1");
  CHECK(frame.correlation_id == "c");
  CHECK(frame.task_type == "python");
  CHECK(frame.traceparent == "t");
  CHECK(frame.ttl_ms == 1500);
  CHECK(frame.kill_grace_ms == 250);
  CHECK(frame.inline_output_bytes == 77);
  CHECK(frame.program == "/usr/bin/python3");
  CHECK(frame.args == request.plan.args);
  CHECK(frame.env == request.plan.env);
  CHECK(frame.cwd == "/srv");
  REQUIRE(frame.stdin_content);
  CHECK(test::readFile(frame.stdin_content->get()) == request.plan.stdin_bytes);
  REQUIRE(frame.files.size() == 1);
  CHECK(frame.files[0].name == "code.py");
  CHECK(frame.files[0].mode == 0640);
  CHECK(test::readFile(frame.files[0].content.get()) == "print(1)");
}

TEST_CASE("spawner client frames: no stdin means none, not an empty file") {
  CHECK_FALSE(toFrame(StartRequest{}).stdin_content);
}

TEST_CASE("spawner client frames: every field of an end is carried over") {
  spawner::Finished frame;
  frame.nonce = "n";
  frame.spawn_uuid = "u";
  frame.end = spawner::End::kSignalled;
  frame.exit_code = 3;
  frame.signal = 9;
  frame.reason = "why";
  frame.started_at_us = 10;
  frame.ended_at_us = 20;
  frame.duration_us = 11;
  frame.user_us = 12;
  frame.system_us = 13;
  frame.max_rss_kb = 14;
  frame.out = {"o", 5, "o.spool"};
  frame.err = {"e", 1, ""};
  frame.tree_empty = true;

  const Finished finished = fromFrame(std::move(frame));
  CHECK(finished.nonce == "n");
  CHECK(finished.spawn_uuid == "u");
  CHECK(finished.end == End::kSignalled);
  CHECK(finished.exit_code == 3);
  CHECK(finished.signal == 9);
  CHECK(finished.reason == "why");
  CHECK(finished.started_at == wallFromMicros(10));
  CHECK(finished.ended_at == wallFromMicros(20));
  CHECK(finished.duration_us == 11);
  CHECK(finished.user_us == 12);
  CHECK(finished.system_us == 13);
  CHECK(finished.max_rss_kb == 14);
  CHECK(finished.out.inline_bytes == "o");
  CHECK(finished.out.total_bytes == 5);
  CHECK(finished.out.spool_file == "o.spool");
  CHECK(finished.out.truncated());
  CHECK_FALSE(finished.err.truncated());
  CHECK(finished.tree_empty);
}

TEST_CASE("spawner client frames: an end without a start has no start time") {
  spawner::Finished frame;
  frame.end = spawner::End::kSpawnError;
  const Finished finished = fromFrame(std::move(frame));
  CHECK_FALSE(finished.started_at);
  CHECK(finished.end == End::kSpawnError);
}
