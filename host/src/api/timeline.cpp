#include "api/timeline.hpp"

#include <algorithm>

#include "api/encode.hpp"

namespace vx11::api {

namespace {

int64_t microsBetween(WallTime from, WallTime to) {
  return std::max<int64_t>(0, microsOf(to) - microsOf(from));
}

class Builder {
 public:
  Builder(const tasks::View& view, WallTime now) : view_(view), now_(now) {}

  Timeline build(const std::vector<store::AttemptRow>& attempts) {
    const auto& row = view_.row;
    auto accepted = add(row.created_at, "accepted");
    accepted->set("task_type", row.task_type);
    accepted->set("priority", "P" + std::to_string(row.priority));
    accepted->set("cmd", row.cmd);
    WallTime free = row.created_at;  // since when it could begin
    for (const auto& attempt : attempts) free = addAttempt(attempt, free, &attempt == &attempts.back());
    if (row.end)
      addEnd(*row.end, free, attempts);
    else if (!view_.queue_reason.empty())
      addWaiting(free);
    std::stable_sort(line_.events.begin(), line_.events.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return std::move(line_);
  }

 private:
  json::ObjectPtr add(WallTime at, const std::string& type, std::optional<int> attempt = {}) {
    line_.events.push_back({at, type, view_.row.name, attempt, json::newObject()});
    return line_.events.back().detail;
  }

  void span(const std::string& name, std::optional<int> attempt, WallTime begin, std::optional<WallTime> end,
            const std::string& outcome = {}) {
    line_.spans.push_back({name, view_.row.name, attempt, begin, end, outcome});
  }

  // Since when the next one could begin.
  WallTime addAttempt(const store::AttemptRow& attempt, WallTime free, bool last) {
    const auto number = attempt.attempt;
    add(attempt.created_at, "attempt_begun", number)->set("waited_us", micros(free, attempt.created_at));
    span("waits", number, free, attempt.created_at);
    // The row that says "running" is written late, or not at all where the end comes first.
    const bool runs = last && view_.running;
    const auto started_at = attempt.started_at || !runs ? attempt.started_at : view_.row.started_at;
    const auto pid = attempt.pid || !runs ? attempt.pid : view_.row.pid;
    span("starts", number, attempt.created_at, started_at ? started_at : attempt.ended_at);
    if (started_at) {
      auto started = add(*started_at, "started", number);
      started->set("pid", numberOrNull(pid));
      started->set("uid", numberOrNull(attempt.uid));
      started->set("starting_us", micros(attempt.created_at, *started_at));
      span("runs", number, *started_at, attempt.ended_at, attempt.outcome);
    }
    if (!attempt.ended_at) return now_;
    auto ended = add(*attempt.ended_at, "attempt_ended", number);
    ended->set("outcome", attempt.outcome);
    ended->set("reason", textOrNull(attempt.reason));
    if (started_at) ended->set("ran_us", micros(*started_at, *attempt.ended_at));
    return *attempt.ended_at;
  }

  void addEnd(const store::SpawnEnd& end, WallTime free, const std::vector<store::AttemptRow>& attempts) {
    // One that ended while it waited.
    if (attempts.empty() || end.ended_at > free) span("waits", std::nullopt, free, end.ended_at);
    auto finished = add(end.ended_at, "finished");
    finished->set("outcome", end.outcome);
    finished->set("reason", textOrNull(end.reason));
    finished->set("exit_code", numberOrNull(end.exit_code));
    finished->set("signal", numberOrNull(end.signal));
    finished->set("stdout_bytes", static_cast<Poco::Int64>(end.out_bytes));
    finished->set("stderr_bytes", static_cast<Poco::Int64>(end.err_bytes));
    finished->set("tree_empty", end.tree_empty);
    finished->set("total_us", micros(view_.row.created_at, end.ended_at));
  }

  void addWaiting(WallTime free) {
    auto waiting = add(now_, "waiting");
    waiting->set("queue_reason", view_.queue_reason);
    waiting->set("waited_us", micros(free, now_));
    span("waits", std::nullopt, free, std::nullopt);
  }

  static Poco::Int64 micros(WallTime from, WallTime to) {
    return static_cast<Poco::Int64>(microsBetween(from, to));
  }

  const tasks::View& view_;
  const WallTime now_;
  Timeline line_;
};

}  // namespace

Timeline timelineOf(const tasks::View& view, const std::vector<store::AttemptRow>& attempts, WallTime now) {
  return Builder(view, now).build(attempts);
}

}  // namespace vx11::api
