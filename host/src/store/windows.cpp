#include "store/windows.hpp"

#include "store/session.hpp"

namespace vx11::store {

namespace windows {

void put(WriteSession& session, const WindowRow& row) {
  session.run(
      "INSERT OR REPLACE INTO windows (target, window_id, is_open, ttl_seconds, opened_at, expires_at, "
      "boot_id, expires_boot_ns, reason) VALUES (?,?,?,?,?,?,?,?,?)",
      {row.target, row.window_id, row.is_open, row.ttl_seconds, row.opened_at, row.expires_at, row.boot_id,
       row.expires_boot_ns, Value::orNull(row.reason)});
}

std::vector<WindowRow> all(ReadSession& session) {
  std::vector<WindowRow> rows;
  session.query(
      "SELECT target, window_id, is_open, ttl_seconds, opened_at, expires_at, boot_id, expires_boot_ns, "
      "reason FROM windows ORDER BY target",
      {}, [&](Row& row) {
        WindowRow& window = rows.emplace_back();
        window.target = row.text();
        window.window_id = row.text();
        window.is_open = row.integer() != 0;
        window.ttl_seconds = row.integer();
        window.opened_at = row.time();
        window.expires_at = row.time();
        window.boot_id = row.text();
        window.expires_boot_ns = row.integer();
        window.reason = row.text();
      });
  return rows;
}

}  // namespace windows

namespace audit {

void insert(WriteSession& session, const AuditRow& row) {
  session.run(
      "INSERT INTO audit_log (timestamp, actor, action, subject, detail, correlation_id) VALUES "
      "(?,?,?,?,?,?)",
      {row.timestamp, row.actor, row.action, row.subject, Value::orNull(row.detail),
       Value::orNull(row.correlation_id)});
}

std::vector<AuditRow> newest(ReadSession& session, int limit) {
  std::vector<AuditRow> rows;
  session.query(
      "SELECT timestamp, actor, action, subject, detail, correlation_id FROM audit_log "
      "ORDER BY id DESC LIMIT ?",
      {limit}, [&](Row& row) {
        AuditRow& entry = rows.emplace_back();
        entry.timestamp = row.time();
        entry.actor = row.text();
        entry.action = row.text();
        entry.subject = row.text();
        entry.detail = row.text();
        entry.correlation_id = row.text();
      });
  return rows;
}

}  // namespace audit

}  // namespace vx11::store
