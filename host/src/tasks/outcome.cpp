#include "tasks/outcome.hpp"

#include <string.h>

#include "base/text.hpp"

namespace vx11::tasks {

using spawner_client::End;
namespace status = store::spawn_status;

namespace {

struct Verdict {
  std::string_view status;
  const char* outcome;
};

Verdict verdictOf(const spawner_client::Finished& finished) {
  if (finished.output_limit) return {status::kFailed, "output_limit"};
  switch (finished.end) {
    case End::kExited:
      return finished.exit_code == 0 ? Verdict{status::kCompleted, "succeeded"}
                                     : Verdict{status::kFailed, "failed"};
    case End::kSignalled:
      return {status::kFailed, "failed"};
    case End::kTimeout:
      return {status::kTimeout, "timeout"};
    case End::kKilled:
      return {status::kCancelled, "cancelled"};
    case End::kInterrupted:
      return {status::kInterrupted, "interrupted"};
    case End::kSpawnError:
      return {status::kFailed, "spawn_error"};
  }
  return {status::kFailed, "failed"};
}

std::string reasonOf(const spawner_client::Finished& finished) {
  if (!finished.reason.empty()) return finished.reason;
  if (finished.end == End::kExited && finished.exit_code != 0) {
    return "the program exited with code " + std::to_string(finished.exit_code);
  }
  if (finished.end == End::kSignalled) {
    const char* name = sigabbrev_np(finished.signal);
    return "signal " + std::to_string(finished.signal) +
           (name != nullptr ? std::string(" (SIG") + name + ")" : "") + " ended the program";
  }
  return {};
}

// The inline part ends after a number of bytes, in the middle of a character perhaps, which does not make a
// text something else.
std::string inlinePart(const spawner_client::OutputStream& stream) {
  constexpr size_t kLongestRest = 3;
  const std::string_view part = stream.inline_bytes;
  if (part.size() == stream.total_bytes) return stream.inline_bytes;
  for (size_t cut = 0; cut <= kLongestRest && cut <= part.size(); ++cut) {
    const auto whole = part.substr(0, part.size() - cut);
    // What is cut off must be the beginning of a character: RFC 3629 has no others.
    const auto first = cut == 0 ? 0xc2 : static_cast<unsigned char>(part[whole.size()]);
    if (first >= 0xc2 && first <= 0xf4 && text::isUtf8(whole)) return std::string(whole);
  }
  return stream.inline_bytes;
}

void setOutput(store::SpawnEnd& end, const spawner_client::OutputStream& out,
               const spawner_client::OutputStream& err) {
  end.out = inlinePart(out);
  end.err = inlinePart(err);
  end.out_bytes = static_cast<int64_t>(out.total_bytes);
  end.err_bytes = static_cast<int64_t>(err.total_bytes);
  end.out_file = out.spool_file;
  end.err_file = err.spool_file;
}

}  // namespace

store::SpawnEnd endOf(const spawner_client::Finished& finished) {
  const auto verdict = verdictOf(finished);
  store::SpawnEnd end;
  end.status = verdict.status;
  end.outcome = verdict.outcome;
  end.reason = reasonOf(finished);
  end.started_at = finished.started_at;
  end.ended_at = finished.ended_at;
  if (finished.signal != 0) {
    end.signal = finished.signal;
  } else if (finished.started_at) {
    end.exit_code = finished.exit_code;
  }
  end.duration_ms = finished.duration_us / 1000;
  end.user_ms = finished.user_us / 1000;
  end.system_ms = finished.system_us / 1000;
  end.max_rss_kb = finished.max_rss_kb;
  setOutput(end, finished.out, finished.err);
  end.tree_empty = finished.tree_empty;
  return end;
}

store::SpawnEnd endWithout(const std::string& status, const std::string& outcome, const std::string& reason,
                           std::optional<WallTime> started_at, WallTime now) {
  store::SpawnEnd end;
  end.status = status;
  end.outcome = outcome;
  end.reason = reason;
  end.started_at = started_at;
  end.ended_at = now;
  if (started_at && now > *started_at) {
    end.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - *started_at).count();
  }
  return end;
}

store::SpawnEnd endWaiting(const store::SpawnRow& row, std::string_view status, const std::string& outcome,
                           const std::string& reason) {
  auto end = endWithout(std::string(status), outcome, reason, row.started_at, wallNow());
  end.duration_ms = 0;  // since the attempt before it has only waited
  return end;
}

void addLeftOutput(store::SpawnEnd& end, const spawner_client::LeftOutput& left) {
  if (left.empty()) {
    end.reason += "; what it had written was lost with it";
    return;
  }
  setOutput(end, left.out, left.err);
  end.reason += "; its output is what had been written to the disk by then";
}

store::UsageRow usageOf(const store::SpawnRow& row, const store::SpawnEnd& end) {
  store::UsageRow usage;
  usage.provider_id = "spawner:" + row.task_type;
  usage.timestamp = end.ended_at;
  usage.success = end.outcome == "succeeded";
  usage.latency_ms = end.duration_ms;
  usage.error_class = usage.success ? "" : end.outcome;
  usage.trace_id = row.correlation_id;
  usage.attempt = row.attempt;
  return usage;
}

}  // namespace vx11::tasks
