// Policy windows (SOLO_MADRE): time-boxed permission for switch, spawner and hermes. All are closed until
// somebody opens them, they close by themselves, a restart changes none of them, and no clock jump opens one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "store/windows.hpp"

namespace vx11::store {
class Database;
}

namespace vx11::policy {

inline constexpr int64_t kMinWindowSeconds = 1;
inline constexpr int64_t kMaxWindowSeconds = 3600;
inline constexpr int64_t kDefaultWindowSeconds = 300;

const std::vector<std::string>& windowTargets();

// Where windows take the time from; tests put their own in.
struct WindowClock {
  std::function<WallTime()> wall = wallNow;
  std::function<int64_t()> boot_ns = bootTimeNs;
  std::function<std::string()> boot_id = [] { return bootId(); };
};

struct WindowState {
  std::string target;
  bool is_open = false;
  bool standing = false;  // open by configuration, without end
  int64_t ttl_remaining_seconds = 0;
  std::optional<WallTime> opened_at;
  std::optional<WallTime> expires_at;
  std::string window_id;
};

class Windows {
 public:
  // Called when a window closes or runs out, with the target, on any thread and without a lock held.
  using OnClosed = std::function<void(const std::string& target)>;

  // Restores what the database knows and writes an audit row for each standing window. Throws
  // Error{kStorage}.
  Windows(store::Database& database, std::vector<std::string> standing, OnClosed on_closed,
          WindowClock clock = {});
  ~Windows();
  Windows(const Windows&) = delete;
  Windows& operator=(const Windows&) = delete;

  // All are thread-safe, and durable when they return. A target that is unknown, or a ttl outside 1 to 3600,
  // throws Error{kInvalidField}.
  WindowState open(const std::string& target, int64_t ttl_seconds, const std::string& reason,
                   const std::string& correlation_id);
  // True where it was open. A standing window stays open: only the configuration ends it.
  bool close(const std::string& target, const std::string& reason, const std::string& correlation_id);
  WindowState state(const std::string& target) const;
  bool isOpen(const std::string& target) const { return state(target).is_open; }
  std::vector<WindowState> all() const;

  // Records that something was denied because `target` is closed.
  void recordDenial(const std::string& target, const std::string& what, const std::string& correlation_id);

 private:
  struct Window {
    store::WindowRow row;
    bool standing = false;
  };

  bool openNow(const Window& window) const;
  WindowState describe(const Window& window) const;
  store::AuditRow auditRow(std::string action, std::string subject, std::string detail,
                           std::string correlation_id) const;
  void expireLoop();
  void expireDue(std::unique_lock<std::mutex>& lock);

  store::Database& database_;
  const OnClosed on_closed_;
  const WindowClock clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Window> windows_;
  bool stopping_ = false;
  std::thread expirer_;
};

}  // namespace vx11::policy
