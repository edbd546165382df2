// Tables windows (one row a target: its latest window) and audit_log (append only: who changed what, when).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace vx11::store {

class WriteSession;
class ReadSession;

struct WindowRow {
  std::string target;
  std::string window_id;
  bool is_open = false;
  int64_t ttl_seconds = 0;
  WallTime opened_at;
  WallTime expires_at;
  std::string boot_id;          // of the boot that expires_boot_ns belongs to
  int64_t expires_boot_ns = 0;  // CLOCK_BOOTTIME: within one boot no clock change moves the deadline
  std::string reason;
};

struct AuditRow {
  WallTime timestamp;
  std::string actor;    // "http", "config", "host"
  std::string action;   // window_opened, window_closed, window_expired, denied, standing_window, …
  std::string subject;  // the target or the id
  std::string detail;
  std::string correlation_id;
};

namespace windows {
void put(WriteSession& session, const WindowRow& row);
std::vector<WindowRow> all(ReadSession& session);
}  // namespace windows

namespace audit {
void insert(WriteSession& session, const AuditRow& row);
std::vector<AuditRow> newest(ReadSession& session, int limit);
}  // namespace audit

}  // namespace vx11::store
