#include "spawner_client/convert.hpp"

#include <algorithm>
#include <utility>

namespace vx11::spawner_client {

namespace {

uint64_t positive(std::chrono::milliseconds duration) {
  return static_cast<uint64_t>(std::max<int64_t>(duration.count(), 0));
}

End toEnd(spawner::End end) {
  switch (end) {
    case spawner::End::kExited:
      return End::kExited;
    case spawner::End::kSignalled:
      return End::kSignalled;
    case spawner::End::kTimeout:
      return End::kTimeout;
    case spawner::End::kKilled:
      return End::kKilled;
    case spawner::End::kInterrupted:
      return End::kInterrupted;
    case spawner::End::kSpawnError:
      return End::kSpawnError;
  }
  // decode() lets no other value through.
  return End::kSpawnError;
}

OutputStream toStream(spawner::StreamEnd frame) {
  return {std::move(frame.inline_bytes), frame.total_bytes, std::move(frame.spool_file)};
}

}  // namespace

spawner::Start toFrame(const StartRequest& request) {
  spawner::Start frame;
  frame.nonce = request.nonce;
  frame.spawn_uuid = request.spawn_uuid;
  frame.spawn_id = request.spawn_id;
  frame.correlation_id = request.correlation_id;
  frame.task_type = request.task_type;
  frame.traceparent = request.traceparent;
  frame.ttl_ms = positive(request.ttl);
  frame.kill_grace_ms = positive(request.kill_grace);
  frame.inline_output_bytes = request.inline_output_bytes;
  frame.program = request.plan.program;
  frame.args = request.plan.args;
  frame.env = request.plan.env;
  frame.cwd = request.plan.cwd;
  if (!request.plan.stdin_bytes.empty()) {
    frame.stdin_content = spawner::sealedMemfd("stdin", request.plan.stdin_bytes);
  }
  frame.limits = request.plan.limits;
  frame.secret_env = request.secret_env;
  frame.files.reserve(request.plan.files.size());
  for (const PlanFile& file : request.plan.files) {
    frame.files.push_back({file.name, file.mode, spawner::sealedMemfd("file", file.content)});
  }
  return frame;
}

Started fromFrame(spawner::Started frame) {
  return {std::move(frame.nonce), std::move(frame.spawn_uuid), frame.pid, frame.uid,
          wallFromMicros(frame.started_at_us)};
}

Refused fromFrame(spawner::Refused frame) {
  return {std::move(frame.nonce), std::move(frame.spawn_uuid), frame.transient, std::move(frame.reason)};
}

Finished fromFrame(spawner::Finished frame) {
  Finished finished;
  finished.nonce = std::move(frame.nonce);
  finished.spawn_uuid = std::move(frame.spawn_uuid);
  finished.end = toEnd(frame.end);
  finished.exit_code = frame.exit_code;
  finished.signal = frame.signal;
  finished.reason = std::move(frame.reason);
  finished.pid = frame.pid;
  if (frame.started_at_us != 0) finished.started_at = wallFromMicros(frame.started_at_us);
  finished.ended_at = wallFromMicros(frame.ended_at_us);
  finished.duration_us = frame.duration_us;
  finished.user_us = frame.user_us;
  finished.system_us = frame.system_us;
  finished.max_rss_kb = frame.max_rss_kb;
  finished.out = toStream(std::move(frame.out));
  finished.err = toStream(std::move(frame.err));
  finished.tree_empty = frame.tree_empty;
  finished.output_limit = frame.output_limit;
  return finished;
}

}  // namespace vx11::spawner_client
