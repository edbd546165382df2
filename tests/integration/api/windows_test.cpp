#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;
using Strings = std::vector<std::string>;

namespace {

Answer statusOf(const Daemon& daemon, const std::string& target) {
  return daemon.http().get("/vx11/window/status/" + target);
}

std::string audited(const Daemon& daemon, const std::string& action) {
  return SqliteReader(daemon.database())
      .value("SELECT count(*) FROM audit_log WHERE action = '" + action + "'");
}

}  // namespace

TEST_CASE("windows: all are closed at first") {
  Daemon daemon;
  daemon.start();
  for (const char* target : {"switch", "spawner", "hermes"}) {
    const auto answer = statusOf(daemon, target);
    CHECK(answer.status == 200);
    CHECK(keys(answer) == Strings{"expires_at", "is_open", "opened_at", "target", "ttl_remaining_seconds"});
    CHECK(answer.text("target") == target);
    CHECK(answer.text("is_open") == "false");
    CHECK(answer.text("ttl_remaining_seconds") == "null");
    CHECK(answer.text("opened_at") == "null");
    CHECK(answer.text("expires_at") == "null");
  }
}

TEST_CASE("windows: open, look, close, with the members of the contract") {
  Daemon daemon;
  daemon.start();
  const auto opened =
      daemon.http().post("/vx11/window/open", R"({"target":"spawner","ttl_seconds":600,"reason":"a test"})");
  REQUIRE(opened.status == 200);
  CHECK(keys(opened) ==
        Strings{"expires_at", "is_open", "opened_at", "target", "ttl_remaining_seconds", "window_id"});
  CHECK(opened.text("is_open") == "true");
  CHECK(opened.text("ttl_remaining_seconds") == "600");
  CHECK(opened.text("window_id").size() == 36);
  const auto time = Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})");
  CHECK_THAT(opened.text("opened_at"), time);
  CHECK_THAT(opened.text("expires_at"), time);

  const auto looked = statusOf(daemon, "spawner");
  CHECK(looked.text("is_open") == "true");
  const int left = std::stoi(looked.text("ttl_remaining_seconds"));
  CHECK(left > 400);
  CHECK(left <= 600);
  CHECK(looked.text("opened_at") == opened.text("opened_at"));
  CHECK(looked.text("expires_at") == opened.text("expires_at"));
  CHECK(statusOf(daemon, "hermes").text("is_open") == "false");

  const auto closed = daemon.http().post("/vx11/window/close", R"({"target":"spawner","reason":"done"})");
  CHECK(closed.status == 200);
  CHECK(keys(closed) == Strings{"closed", "reason", "target", "was_open"});
  CHECK(closed.text("target") == "spawner");
  CHECK(closed.text("closed") == "true");
  CHECK(closed.text("was_open") == "true");
  CHECK(closed.text("reason") == "done");
  CHECK(statusOf(daemon, "spawner").text("is_open") == "false");

  const auto again = daemon.http().post("/vx11/window/close", R"({"target":"spawner"})");
  CHECK(again.status == 200);
  CHECK(again.text("closed") == "true");
  CHECK(again.text("was_open") == "false");
  CHECK(again.text("reason") == "null");
}

TEST_CASE("windows: five minutes where no ttl is given, opening again replaces the deadline") {
  Daemon daemon;
  daemon.start();
  const auto first = daemon.http().post("/vx11/window/open", R"({"target":"hermes"})");
  CHECK(first.text("ttl_remaining_seconds") == "300");
  const auto longer = daemon.http().post("/vx11/window/open", R"({"target":"hermes","ttl_seconds":3600})");
  CHECK(longer.text("ttl_remaining_seconds") == "3600");
  CHECK(longer.text("window_id") != first.text("window_id"));
  const auto shorter = daemon.http().post("/vx11/window/open", R"({"target":"hermes","ttl_seconds":60})");
  CHECK(shorter.text("ttl_remaining_seconds") == "60");
  CHECK(std::stoi(statusOf(daemon, "hermes").text("ttl_remaining_seconds")) <= 60);
}

TEST_CASE("windows: an unknown target or a ttl out of range is 422 and opens nothing") {
  Daemon daemon;
  daemon.start();
  const auto open = [&](const std::string& body) { return daemon.http().post("/vx11/window/open", body); };
  checkProblem(open(R"({"target":"madre"})"), 422, "invalid_field", "target");
  CHECK_THAT(complaint(open(R"({"target":"madre"})"), "target"), Contains("switch, spawner, hermes"));
  checkProblem(open("{}"), 422, "invalid_field", "target");
  checkProblem(open(R"({"target":7})"), 422, "invalid_field", "target");
  for (const char* ttl : {"0", "-1", "3601", "\"60\"", "60.0", "true", "99999999999999999999"}) {
    INFO(ttl);
    const auto answer = open(std::string(R"({"target":"spawner","ttl_seconds":)") + ttl + "}");
    // A number past 64 bits is no JSON number that could be kept.
    if (ttl[0] == '9') {
      checkProblem(answer, 400, "malformed_json");
    } else {
      checkProblem(answer, 422, "invalid_field", "ttl_seconds");
    }
  }
  checkProblem(open(R"({"target":"spawner","ttl":60})"), 422, "invalid_field", "ttl");
  checkProblem(daemon.http().post("/vx11/window/close", R"({"target":"madre"})"), 422, "invalid_field",
               "target");
  checkProblem(statusOf(daemon, "madre"), 422, "invalid_field", "target");
  CHECK(statusOf(daemon, "spawner").text("is_open") == "false");
  CHECK(audited(daemon, "window_opened") == "0");
  for (const char* ttl : {"1", "3600"}) {
    CHECK(open(std::string(R"({"target":"spawner","ttl_seconds":)") + ttl + "}").status == 200);
  }
}

TEST_CASE("windows: one runs out by itself, which is audited, and then nothing is accepted") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner", 1);
  REQUIRE(eventually([&] { return statusOf(daemon, "spawner").text("is_open") == "false"; }));
  const auto answer = statusOf(daemon, "spawner");
  const auto left = answer.text("ttl_remaining_seconds");
  CHECK((left == "null" || left == "0"));
  CHECK(daemon.http().post("/vx11/spawn", shell("true")).text("error") == "off_by_policy");
  CHECK(eventually([&] { return audited(daemon, "window_expired") == "1"; }));
  CHECK(daemon.http().get("/vx11/status").text("mode") == "solo_madre");
}

TEST_CASE("windows: an open one stays open over a restart, with its deadline, a closed one stays closed") {
  Daemon daemon;
  daemon.start();
  daemon.openWindow("spawner", 1000);
  daemon.openWindow("hermes", 1000);
  CHECK(daemon.http().post("/vx11/window/close", R"({"target":"hermes"})").status == 200);
  const auto before = statusOf(daemon, "spawner");
  daemon.restart();
  const auto after = statusOf(daemon, "spawner");
  CHECK(after.text("is_open") == "true");
  CHECK(after.text("expires_at") == before.text("expires_at"));
  CHECK(after.text("opened_at") == before.text("opened_at"));
  CHECK(std::stoi(after.text("ttl_remaining_seconds")) <= std::stoi(before.text("ttl_remaining_seconds")));
  CHECK(std::stoi(after.text("ttl_remaining_seconds")) > 800);
  CHECK(statusOf(daemon, "hermes").text("is_open") == "false");
  CHECK(run(daemon, shell("true")).text("status") == "DONE");
}

TEST_CASE("windows: one whose time runs out while the host is down is closed afterwards") {
  Daemon daemon;
  daemon.start();
  const auto opened = daemon.http().post("/vx11/window/open", R"({"target":"spawner","ttl_seconds":1})");
  REQUIRE(opened.status == 200);
  CHECK(daemon.terminate() == 0);
  // The database's own clock says when the second is over.
  REQUIRE(eventually([&] {
    return SqliteReader(daemon.database())
               .value(
                   "SELECT expires_at <= strftime('%Y-%m-%d %H:%M:%f', 'now') FROM windows "
                   "WHERE target = 'spawner'") == "1";
  }));
  daemon.start();
  CHECK(statusOf(daemon, "spawner").text("is_open") == "false");
  CHECK(daemon.http().post("/vx11/spawn", shell("true")).text("error") == "off_by_policy");
}

TEST_CASE("windows: each change is a row of the audit log, with its correlation id") {
  Daemon daemon;
  daemon.start();
  const auto call = [&](const std::string& path, const std::string& body, const std::string& id) {
    CHECK(daemon.http().post(path, body, {{"X-Correlation-Id", id}}).status == 200);
  };
  call("/vx11/window/open", R"({"target":"spawner","ttl_seconds":60,"reason":"why not"})", "who-opened");
  call("/vx11/window/close", R"({"target":"spawner","reason":"enough"})", "who-closed");
  call("/vx11/spawn", R"({"task_type":"shell","code":"true"})", "who-was-denied");
  using Row = SqliteReader::Row;
  const auto rows = SqliteReader(daemon.database())
                        .rows(
                            "SELECT action, subject, detail, correlation_id FROM audit_log "
                            "WHERE subject = 'spawner' ORDER BY id");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == Row{"window_opened", "spawner", "60 s: why not", "who-opened"});
  CHECK(rows[1] == Row{"window_closed", "spawner", "enough", "who-closed"});
  CHECK(rows[2] == Row{"denied", "spawner", "POST /vx11/spawn", "who-was-denied"});
}

TEST_CASE("windows: a standing window needs no opening, counts in the mode, and cannot be closed by HTTP") {
  Daemon daemon({{"policy.standing_windows", "spawner"}});
  daemon.start();
  const auto status = daemon.http().get("/vx11/status");
  CHECK(status.text("mode") == "windowed");
  CHECK(words(status.json()->getArray("standing_windows")) == Strings{"spawner"});
  CHECK(run(daemon, shell("echo in")).text("stdout") == "in\n");
  const auto closed = daemon.http().post("/vx11/window/close", R"({"target":"spawner"})");
  CHECK(closed.status == 200);
  CHECK(closed.text("closed") == "false");
  CHECK(closed.text("was_open") == "true");
  CHECK_THAT(closed.text("hint"), Contains("policy.standing_windows"));
  CHECK(statusOf(daemon, "spawner").text("is_open") == "true");
  CHECK(run(daemon, shell("true")).text("status") == "DONE");
  CHECK(audited(daemon, "standing_window") == "1");
  daemon.restart();
  CHECK(audited(daemon, "standing_window") == "2");
}
