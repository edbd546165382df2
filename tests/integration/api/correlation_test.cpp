#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"

using namespace vx11::test;

TEST_CASE("correlation id: from the header, from the body, which wins, or the spawn's uuid") {
  OpenDaemon daemon;
  const auto code = shell("echo $VX11_CORRELATION_ID");
  const auto by_header = run(daemon, code, {{"X-Correlation-Id", "from-header"}});
  CHECK(by_header.text("correlation_id") == "from-header");
  CHECK(by_header.headers.at("x-correlation-id") == "from-header");
  CHECK(by_header.text("stdout") == "from-header\n");

  auto body = code;
  body.set("correlation_id", "from-body");
  const auto by_body = run(daemon, body, {{"X-Correlation-Id", "other-header"}});
  CHECK(by_body.text("correlation_id") == "from-body");
  CHECK(by_body.headers.at("x-correlation-id") == "from-body");
  CHECK(by_body.text("stdout") == "from-body\n");
  checkProblem(daemon.http().get("/vx11/result/other-header"), 404, "not_found");

  const auto made = run(daemon, code);
  CHECK(made.text("correlation_id") == made.text("spawn_uuid"));
  CHECK(made.text("stdout") == made.text("spawn_uuid") + "\n");
}

TEST_CASE("correlation id: one that is no id is 422, in the header and in the body") {
  OpenDaemon daemon;
  const std::string too_long(129, 'x');
  for (const auto& id :
       {too_long, std::string("a b"), std::string("a/b"), std::string("\xc3\xa4"), std::string("a\"b")}) {
    INFO(id);
    checkProblem(daemon.http().get("/vx11/status", {{"X-Correlation-Id", id}}), 422, "invalid_field",
                 "X-Correlation-Id");
    auto body = shell("true");
    body.set("correlation_id", id);
    checkProblem(daemon.http().post("/vx11/spawn", body), 422, "invalid_field", "correlation_id");
  }
  auto empty = shell("true");
  empty.set("correlation_id", "");
  checkProblem(daemon.http().post("/vx11/spawn", empty), 422, "invalid_field", "correlation_id");
  const std::string longest(128, 'x');
  CHECK(run(daemon, shell("true"), {{"X-Correlation-Id", longest}}).text("correlation_id") == longest);
}

TEST_CASE("correlation id: every answer echoes it, those that refuse as well") {
  OpenDaemon daemon;
  const Headers mine{{"X-Correlation-Id", "mine"}};
  const auto http = daemon.http();
  for (const auto& answer :
       {http.get("/vx11/status", mine), http.get("/nowhere", mine), http.get("/vx11/spawn", mine),
        http.post("/vx11/spawn", std::string("{"), mine), http.post("/vx11/spawn", std::string("{}"), mine),
        http.get("/vx11/result/nobody", mine), daemon.httpWithoutToken().get("/vx11/status", mine)}) {
    INFO(answer.status << " " << answer.body);
    CHECK(answer.headers.at("x-correlation-id") == "mine");
    if (answer.status >= 400) CHECK(answer.text("correlation_id") == "mine");
  }
}

TEST_CASE("correlation id: a refusal of the body's content names the body's own id") {
  OpenDaemon daemon;
  auto body = task("cobol", "x");
  body.set("correlation_id", "from-body");
  const auto unknown_type = daemon.http().post("/vx11/spawn", body, {{"X-Correlation-Id", "from-header"}});
  checkProblem(unknown_type, 422, "invalid_field", "task_type");
  CHECK(unknown_type.text("correlation_id") == "from-body");
  body.set("ttl_seconds", 0);
  CHECK(daemon.http().post("/vx11/spawn", body).text("correlation_id") == "from-body");
}

TEST_CASE("traceparent: a good one reaches the daughter and the database, a bad one is ignored") {
  OpenDaemon daemon;
  const auto code = shell("echo ${TRACEPARENT-none}");
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto traced = run(daemon, code, {{"traceparent", good}});
  CHECK(traced.text("stdout") == good + "\n");
  const SqliteReader database(daemon.database());
  CHECK(database.value("SELECT traceparent FROM spawns WHERE name = '" + traced.text("spawn_id") + "'") ==
        good);
  for (const char* bad : {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "nonsense"}) {
    INFO(bad);
    const auto result = run(daemon, code, {{"traceparent", bad}});
    CHECK(result.text("status") == "DONE");
    CHECK(result.text("stdout") == "none\n");
  }
  CHECK(run(daemon, code).text("stdout") == "none\n");
}
