// Token, Host, Origin and the ids of a request, in the order in which they are checked.
#include "catch.hpp"
#include "test_door.hpp"

using namespace vx11;
using namespace vx11::test;

namespace {

std::string plain(const std::string& path, const std::string& fields, const std::string& host = "localhost") {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("door: no token is 401, a wrong one 403, the right one in either field is let in") {
  const TestDoor door;
  const auto none = door.ask(plain("/seen", ""));
  CHECK(none.status == 401);
  CHECK(member(none, "error") == "auth_required");
  CHECK(none.header("www-authenticate") == "Bearer");
  const auto wrong = door.ask(plain("/seen", "X-VX11-Token: nope\r\n"));
  CHECK(wrong.status == 403);
  CHECK(member(wrong, "error") == "forbidden");
  CHECK(door.ask(plain("/seen", "X-VX11-Token: secret\r\n")).status == 200);
  CHECK(door.ask(plain("/seen", "Authorization: Bearer secret\r\n")).status == 200);
  CHECK(door.ask(plain("/seen", "authorization: bearer  secret\r\n")).status == 200);
  CHECK(door.ask(plain("/seen", "Authorization: Bearer nope\r\n")).status == 403);
  CHECK(door.ask(plain("/seen", "Authorization: Basic c2VjcmV0\r\n")).status == 401);
  CHECK(door.ask(plain("/seen", "X-VX11-Token: \r\n")).status == 401);
}

TEST_CASE("door: who has no token learns nothing of the routes") {
  const TestDoor door;
  CHECK(door.ask(plain("/nowhere", "")).status == 401);
  CHECK(door.ask("DELETE /seen HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 401);
  CHECK(door.ask("OPTIONS /seen HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 401);
  CHECK(door.ask(plain("/nowhere", "", "evil")).status == 401);
  CHECK(door.ask(plain("/health", "")).status == 200);
}

TEST_CASE("door: a refusal for the token leaves no body behind on the connection") {
  const TestDoor door;
  auto client = door.connect();
  const auto refused = client.ask(
      "POST /required HTTP/1.1\r\nHost: localhost\r\nContent-Length: 44\r\n\r\n"
      "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nxx");
  CHECK(refused.status == 401);
  CHECK(refused.header("connection") == "close");
  CHECK(client.closedWithin(std::chrono::seconds(5)));

  auto kept = door.connect();
  CHECK(kept.ask(plain("/seen", "")).status == 401);
  CHECK(kept.ask(get("/seen")).status == 200);
}

TEST_CASE("door: a foreign Host is 403, whatever its port") {
  const TestDoor door;
  for (const char* host : {"localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000"}) {
    INFO(host);
    CHECK(door.ask(plain("/seen", kToken, host)).status == 200);
  }
  for (const char* host :
       {"evil.example", "localhost.evil.example:80", "127.0.0.2", "[::2]:8000", "", "::1"}) {
    INFO(host);
    const auto response = door.ask(plain("/seen", kToken, host));
    CHECK(response.status == 403);
    CHECK(member(response, "error") == "forbidden");
  }
  CHECK(door.ask(plain("/health", "", "evil.example")).status == 403);
}

TEST_CASE("door: an Origin other than the door's own is 403") {
  const TestDoor door;
  CHECK(door.ask(plain("/seen", kToken + "Origin: http://localhost:8000\r\n", "localhost:8000")).status ==
        200);
  for (const char* origin :
       {"http://evil.example", "https://localhost:8000", "http://localhost", "null", ""}) {
    INFO(origin);
    CHECK(door.ask(plain("/seen", kToken + "Origin: " + origin + "\r\n", "localhost:8000")).status == 403);
  }
}

TEST_CASE("door: the correlation id is the client's or a new one, and on every answer") {
  const TestDoor door;
  const auto given = door.ask(get("/seen", "X-Correlation-Id: run-1:a.b_c\r\n"));
  CHECK(given.header("x-correlation-id") == "run-1:a.b_c");
  CHECK(member(given, "correlation_id") == "run-1:a.b_c");
  CHECK(member(given, "given") == "true");
  const auto made = door.ask(get("/seen"));
  CHECK(made.header("x-correlation-id").size() == 36);
  CHECK(member(made, "given") == "false");
  const auto missing = door.ask(get("/nowhere", "X-Correlation-Id: run-2\r\n"));
  CHECK(missing.status == 404);
  CHECK(missing.header("x-correlation-id") == "run-2");
  CHECK(member(missing, "correlation_id") == "run-2");
}

TEST_CASE("door: a correlation id of another shape is 422 and named") {
  const TestDoor door;
  for (const auto& id : {std::string("a b"), std::string(129, 'x'), std::string("<script>"), std::string()}) {
    const auto response = door.ask(get("/seen", "X-Correlation-Id: " + id + "\r\n"));
    CHECK(response.status == 422);
    CHECK_THAT(response.body, Catch::Contains("\"field\":\"X-Correlation-Id\""));
    CHECK(response.header("x-correlation-id").size() == 36);
  }
}

TEST_CASE("door: a traceparent is handed on, a bad one is ignored") {
  const TestDoor door;
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  CHECK(member(door.ask(get("/seen", "traceparent: " + good + "\r\n")), "traceparent") == good);
  const auto bad = door.ask(get("/seen", "traceparent: 00-zz\r\n"));
  CHECK(bad.status == 200);
  CHECK(member(bad, "traceparent").empty());
}
