#include "store/windows.hpp"

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("windows: the latest window of each target is kept with every field") {
  Fixture fixture;
  WindowRow row;
  row.target = "spawner";
  row.window_id = "w-1";
  row.is_open = true;
  row.ttl_seconds = 300;
  row.opened_at = wallFromMicros(1'767'315'349'253'550);
  row.expires_at = row.opened_at + std::chrono::seconds(300);
  row.boot_id = "boot-1";
  row.expires_boot_ns = 9'000'000'000'000'001;
  row.reason = "demo";
  WindowRow closed = row;
  closed.target = "hermes";
  closed.is_open = false;
  closed.reason.clear();
  fixture.database.commit([&](WriteSession& session) {
    windows::put(session, row);
    windows::put(session, closed);
    row.window_id = "w-2";
    windows::put(session, row);
  });
  const auto found = fixture.database.read([](ReadSession& session) { return windows::all(session); });
  REQUIRE(found.size() == 2);
  CHECK(found[0].target == "hermes");
  CHECK_FALSE(found[0].is_open);
  CHECK(found[0].reason.empty());
  CHECK(found[1].target == "spawner");
  CHECK(found[1].window_id == "w-2");
  CHECK(found[1].is_open);
  CHECK(found[1].ttl_seconds == 300);
  CHECK(found[1].opened_at == row.opened_at);
  CHECK(found[1].expires_at == row.expires_at);
  CHECK(found[1].boot_id == "boot-1");
  CHECK(found[1].expires_boot_ns == 9'000'000'000'000'001);
  CHECK(found[1].reason == "demo");
}

TEST_CASE("audit: each change stays, newest first") {
  Fixture fixture;
  AuditRow opened;
  opened.timestamp = wallFromMicros(1'767'315'349'253'550);
  opened.actor = "http";
  opened.action = "window_opened";
  opened.subject = "spawner";
  opened.detail = "300 s";
  opened.correlation_id = "cid-1";
  AuditRow denied = opened;
  denied.action = "denied";
  denied.detail.clear();
  fixture.database.commit([&](WriteSession& session) {
    audit::insert(session, opened);
    audit::insert(session, denied);
  });
  const auto found = fixture.database.read([](ReadSession& session) { return audit::newest(session, 10); });
  REQUIRE(found.size() == 2);
  CHECK(found[0].action == "denied");
  CHECK(found[0].detail.empty());
  CHECK(found[1].timestamp == opened.timestamp);
  CHECK(found[1].actor == "http");
  CHECK(found[1].action == "window_opened");
  CHECK(found[1].subject == "spawner");
  CHECK(found[1].detail == "300 s");
  CHECK(found[1].correlation_id == "cid-1");
}

}  // namespace vx11::store::test
