// Who is let in, and in which order a request is judged.
#include "calls.hpp"
#include "catch.hpp"
#include "raw_client.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("access: no token is 401, a wrong one 403, everywhere but at /health") {
  Daemon daemon;
  daemon.start();
  const HttpClient wrong(daemon.port(), daemon.token() + "x");
  for (const char* path : {"/vx11/status", "/vx11/plugins", "/vx11/db/summary", "/vx11/result/x",
                           "/vx11/window/status/spawner", "/nowhere"}) {
    INFO(path);
    const auto without = daemon.httpWithoutToken().get(path);
    checkProblem(without, 401, "auth_required");
    CHECK(without.headers.count("www-authenticate") == 1);
    checkProblem(wrong.get(path), 403, "forbidden");
    CHECK_THAT(wrong.get(path).body, !Contains(daemon.token()));
  }
  for (const char* path : {"/vx11/spawn", "/vx11/window/open", "/vx11/window/close"}) {
    checkProblem(daemon.httpWithoutToken().post(path, std::string("{}")), 401, "auth_required");
    checkProblem(wrong.post(path, std::string("{}")), 403, "forbidden");
  }
  CHECK(wrong.get("/health").status == 200);
}

TEST_CASE("access: the token is taken from Authorization: Bearer as well") {
  Daemon daemon;
  daemon.start();
  const auto http = daemon.httpWithoutToken();
  CHECK(http.get("/vx11/status", {{"Authorization", "Bearer " + daemon.token()}}).status == 200);
  CHECK(http.get("/vx11/status", {{"Authorization", "bearer " + daemon.token()}}).status == 200);
  checkProblem(http.get("/vx11/status", {{"Authorization", "Bearer wrong"}}), 403, "forbidden");
  checkProblem(http.get("/vx11/status", {{"Authorization", "Basic " + daemon.token()}}), 401,
               "auth_required");
}

TEST_CASE("access: a foreign Host or Origin is 403, on the open route too") {
  Daemon daemon;
  daemon.start();
  const auto port = std::to_string(daemon.port());
  for (const char* path : {"/health", "/vx11/status"}) {
    for (const char* host :
         {"evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"}) {
      INFO(path << " " << host);
      checkProblem(daemon.http().get(path, {{"Host", host}}), 403, "forbidden");
    }
    for (const auto& host :
         {std::string("localhost"), "LOCALHOST:" + port, "[::1]:" + port, "127.0.0.1:" + port}) {
      INFO(path << " " << host);
      CHECK(daemon.http().get(path, {{"Host", host}}).status == 200);
    }
    for (const char* origin : {"http://evil.example", "null", "https://localhost", "http://localhost:1"}) {
      INFO(path << " " << origin);
      checkProblem(daemon.http().get(path, {{"Origin", origin}}), 403, "forbidden");
    }
    CHECK(daemon.http().get(path, {{"Origin", "http://127.0.0.1:" + port}}).status == 200);
  }
}

TEST_CASE("access: http.allowed_hosts adds names, without their ports") {
  Daemon daemon({{"http.allowed_hosts", "localhost,vx11.example"}});
  daemon.start();
  CHECK(daemon.http().get("/health", {{"Host", "vx11.example:443"}}).status == 200);
  checkProblem(daemon.http().get("/health", {{"Host", "127.0.0.1"}}), 403, "forbidden");
}

TEST_CASE("access: order of checks: token, Host and Origin, JSON, window, content") {
  Daemon daemon;
  daemon.start();
  const std::string broken = "{";
  const std::string bad_content = R"({"task_type":"cobol","ttl_seconds":0,"unknown":1})";
  const Headers foreign{{"Host", "evil.example"}};
  checkProblem(daemon.httpWithoutToken().post("/vx11/spawn", broken, foreign), 401, "auth_required");
  checkProblem(daemon.http().post("/vx11/spawn", broken, foreign), 403, "forbidden");
  checkProblem(daemon.http().post("/vx11/spawn", broken), 400, "malformed_json");
  const auto denied = daemon.http().post("/vx11/spawn?wait=99", bad_content, {{"Idempotency-Key", "k"}});
  CHECK(denied.status == 200);
  CHECK(denied.text("error") == "off_by_policy");
  daemon.openWindow("spawner");
  checkProblem(daemon.http().post("/vx11/spawn", bad_content), 422, "invalid_field", "ttl_seconds");
}

TEST_CASE("access: auth.required = false lets everybody on this machine in") {
  Daemon daemon({{"auth.required", "false"}});
  daemon.start();
  CHECK(daemon.httpWithoutToken().get("/vx11/status").status == 200);
  checkProblem(daemon.httpWithoutToken().get("/vx11/status", {{"Origin", "http://evil.example"}}), 403,
               "forbidden");
}
