#include "policy/windows.hpp"

#include <algorithm>
#include <chrono>

#include "base/error.hpp"
#include "base/fault_point.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "store/database.hpp"

namespace vx11::policy {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

void requireTarget(const std::string& target) {
  const auto& targets = windowTargets();
  if (std::find(targets.begin(), targets.end(), target) != targets.end()) return;
  throw Error(ErrorCode::kInvalidField, "there is no window \"" + target + "\"",
              std::vector<FieldError>{{"target", "must be one of switch, spawner, hermes"}});
}

}  // namespace

const std::vector<std::string>& windowTargets() {
  static const std::vector<std::string> targets{"switch", "spawner", "hermes"};
  return targets;
}

Windows::Windows(store::Database& database, std::vector<std::string> standing, OnClosed on_closed,
                 WindowClock clock)
    : database_(database), on_closed_(std::move(on_closed)), clock_(std::move(clock)) {
  for (const auto& target : windowTargets()) windows_[target].row.target = target;
  const auto rows = database_.read([](store::ReadSession& session) { return store::windows::all(session); });
  const auto wall = clock_.wall();
  for (const auto& row : rows) {
    const auto found = windows_.find(row.target);
    if (found == windows_.end()) continue;
    auto& window = found->second;
    window.row = row;
    if (!row.is_open || row.boot_id == clock_.boot_id()) continue;
    // Another boot: only wall time is left to judge by. A clock that went back behind the opening, or a
    // deadline further away than the window was long, proves nothing: such a window stays closed.
    const auto left = std::chrono::floor<std::chrono::seconds>(row.expires_at - wall).count();
    const bool plausible = wall >= row.opened_at && left <= row.ttl_seconds;
    window.row.boot_id = clock_.boot_id();
    window.row.expires_boot_ns = plausible ? clock_.boot_ns() + left * kNsPerSecond : 0;
  }
  for (const auto& target : standing) {
    windows_.at(target).standing = true;
    const auto audit = auditRow("standing_window", target, "policy.standing_windows keeps it open", {});
    database_.commit([&](store::WriteSession& session) { store::audit::insert(session, audit); });
    log::info("window.standing", {{"target", target}});
  }
  expirer_ = std::thread([this] { expireLoop(); });
}

Windows::~Windows() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  expirer_.join();
}

bool Windows::openNow(const Window& window) const {
  return window.standing || (window.row.is_open && clock_.boot_ns() < window.row.expires_boot_ns);
}

WindowState Windows::describe(const Window& window) const {
  WindowState state;
  state.target = window.row.target;
  state.is_open = openNow(window);
  state.standing = window.standing;
  if (!state.is_open || !window.row.is_open) return state;
  const auto left = window.row.expires_boot_ns - clock_.boot_ns();
  if (left <= 0) return state;  // only the standing permission is left
  state.ttl_remaining_seconds = (left + kNsPerSecond - 1) / kNsPerSecond;
  state.opened_at = window.row.opened_at;
  state.expires_at = window.row.expires_at;
  state.window_id = window.row.window_id;
  return state;
}

store::AuditRow Windows::auditRow(std::string action, std::string subject, std::string detail,
                                  std::string correlation_id) const {
  store::AuditRow row;
  row.timestamp = clock_.wall();
  row.actor = correlation_id.empty() ? "host" : "http";
  row.action = std::move(action);
  row.subject = std::move(subject);
  row.detail = std::move(detail);
  row.correlation_id = std::move(correlation_id);
  return row;
}

WindowState Windows::open(const std::string& target, int64_t ttl_seconds, const std::string& reason,
                          const std::string& correlation_id) {
  requireTarget(target);
  if (ttl_seconds < kMinWindowSeconds || ttl_seconds > kMaxWindowSeconds) {
    throw Error(ErrorCode::kInvalidField, "a window is open for 1 to 3600 seconds",
                std::vector<FieldError>{{"ttl_seconds", "must be a whole number from 1 to 3600"}});
  }
  store::WindowRow row;
  row.target = target;
  row.window_id = newUuid();
  row.is_open = true;
  row.ttl_seconds = ttl_seconds;
  row.opened_at = clock_.wall();
  row.expires_at = row.opened_at + std::chrono::seconds(ttl_seconds);
  row.boot_id = clock_.boot_id();
  row.expires_boot_ns = clock_.boot_ns() + ttl_seconds * kNsPerSecond;
  row.reason = reason;
  const auto audit =
      auditRow("window_opened", target,
               std::to_string(ttl_seconds) + " s" + (reason.empty() ? "" : ": " + reason), correlation_id);

  // Held over the commit: two callers at once must leave the same order in memory and in the database.
  const std::lock_guard lock(mutex_);
  database_.commit([&](store::WriteSession& session) {
    store::windows::put(session, row);
    store::audit::insert(session, audit);
    VX11_FAULT_POINT("window.before_commit");
  });
  VX11_FAULT_POINT("window.after_commit");
  auto& window = windows_.at(target);
  window.row = std::move(row);
  changed_.notify_all();
  log::info("window.opened",
            {{"trace_id", correlation_id}, {"target", target}, {"ttl_seconds", ttl_seconds}});
  return describe(window);
}

bool Windows::close(const std::string& target, const std::string& reason, const std::string& correlation_id) {
  requireTarget(target);
  bool was_open = false;
  bool closed_now = false;
  {
    const std::lock_guard lock(mutex_);
    auto& window = windows_.at(target);
    was_open = openNow(window);
    if (window.row.is_open) {
      auto row = window.row;
      row.is_open = false;
      const auto audit = auditRow("window_closed", target, reason, correlation_id);
      database_.commit([&](store::WriteSession& session) {
        store::windows::put(session, row);
        store::audit::insert(session, audit);
      });
      window.row = std::move(row);
      closed_now = was_open && !window.standing;
    }
  }
  log::info("window.closed",
            {{"trace_id", correlation_id}, {"target", target}, {"was_open", was_open ? "yes" : "no"}});
  if (closed_now && on_closed_) on_closed_(target);
  return was_open;
}

WindowState Windows::state(const std::string& target) const {
  requireTarget(target);
  const std::lock_guard lock(mutex_);
  return describe(windows_.at(target));
}

std::vector<WindowState> Windows::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<WindowState> states;
  for (const auto& target : windowTargets()) states.push_back(describe(windows_.at(target)));
  return states;
}

void Windows::recordDenial(const std::string& target, const std::string& what,
                           const std::string& correlation_id) {
  const auto audit = auditRow("denied", target, what, correlation_id);
  database_.commit([&](store::WriteSession& session) { store::audit::insert(session, audit); });
  log::info("window.denied", {{"trace_id", correlation_id}, {"target", target}, {"what", what}});
}

void Windows::expireLoop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    int64_t next_ns = INT64_MAX;
    for (const auto& [target, window] : windows_) {
      if (window.row.is_open) next_ns = std::min(next_ns, window.row.expires_boot_ns);
    }
    if (next_ns == INT64_MAX) {
      changed_.wait(lock);
      continue;
    }
    // A wait does not count suspended time and the deadline does, so look again at least once a second.
    const auto left = std::clamp<int64_t>(next_ns - clock_.boot_ns(), 0, kNsPerSecond);
    changed_.wait_for(lock, std::chrono::nanoseconds(left));
    if (!stopping_) expireDue(lock);
  }
}

void Windows::expireDue(std::unique_lock<std::mutex>& lock) {
  std::vector<std::string> closed;
  for (auto& [target, window] : windows_) {
    if (!window.row.is_open || clock_.boot_ns() < window.row.expires_boot_ns) continue;
    window.row.is_open = false;
    if (!window.standing) closed.push_back(target);
    const auto row = window.row;
    const auto audit = auditRow("window_expired", target, {}, {});
    // Nobody waits for this row: the deadline itself already denies, here and after a restart.
    database_.submit(
        [row, audit](store::WriteSession& session) {
          store::windows::put(session, row);
          store::audit::insert(session, audit);
        },
        [target = target](std::exception_ptr failure) {
          if (failure) log::error("window.expiry_not_recorded", {{"target", target}});
        });
    log::info("window.expired", {{"target", target}});
  }
  if (closed.empty() || !on_closed_) return;
  lock.unlock();
  for (const auto& target : closed) on_closed_(target);
  lock.lock();
}

}  // namespace vx11::policy
