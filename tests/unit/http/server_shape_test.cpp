// Shapes of requests over a raw socket: each gets its status, and none leaves the connection half-read.
#include <chrono>

#include "catch.hpp"
#include "test_door.hpp"

using namespace vx11;
using namespace vx11::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

struct Case {
  const char* what;
  std::string request;
  int status;
  const char* error;
};

std::string fields(const std::string& lines) {
  return "POST /required HTTP/1.1\r\nHost: localhost\r\n" + kToken + lines + "\r\n";
}

}  // namespace

TEST_CASE("door: each broken shape is answered with its status, and the connection closes") {
  const TestDoor door;
  const std::vector<Case> cases{
      {"no length where a body is needed", fields(""), 411, "length_required"},
      {"chunked", fields("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", 411, "length_required"},
      {"gzip, chunked", fields("Transfer-Encoding: gzip, chunked\r\n"), 411, "length_required"},
      {"chunked on GET", get("/health", "Transfer-Encoding: chunked\r\n"), 411, "length_required"},
      {"TE and CL", fields("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "{}", 400,
       "malformed_request"},
      {"two lengths", fields("Content-Length: 2\r\nContent-Length: 2\r\n") + "{}", 400, "malformed_request"},
      {"length with plus", fields("Content-Length: +2\r\n") + "{}", 400, "malformed_request"},
      {"negative length", fields("Content-Length: -2\r\n"), 400, "malformed_request"},
      {"hex length", fields("Content-Length: 0x2\r\n") + "{}", 400, "malformed_request"},
      {"length 5x", fields("Content-Length: 5x\r\n") + "{}", 400, "malformed_request"},
      {"length overflow", fields("Content-Length: 18446744073709551618\r\n") + "{}", 400,
       "malformed_request"},
      {"length with blank inside", fields("Content-Length: 1 2\r\n"), 400, "malformed_request"},
      {"blank before colon", fields("Content-Length : 2\r\n") + "{}", 400, "malformed_request"},
      {"folded line", fields("A: b\r\n c\r\n"), 400, "malformed_request"},
      {"NUL in a value", fields("A: b\0c\r\n"s), 400, "malformed_request"},
      {"no colon", fields("nonsense\r\n"), 400, "malformed_request"},
      {"bare LF", "GET /health HTTP/1.1\nHost: localhost\n\n", 400, "malformed_request"},
      {"bare LF in one line", "GET /health HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n", 400,
       "malformed_request"},
      {"bare CR", "GET /health HTTP/1.1\r\nHost: localhost\rA: b\r\n\r\n", 400, "malformed_request"},
      {"TLS hello", "\x16\x03\x01\x02\x00\x01"s, 400, "malformed_request"},
      {"no Host", "GET /health HTTP/1.1\r\n\r\n", 400, "malformed_request"},
      {"two Hosts", "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400,
       "malformed_request"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version"},
      {"no version", "GET /health\r\n\r\n", 400, "malformed_request"},
      {"method no token", "GE(T /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "malformed_request"},
      {"star for GET", "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "malformed_request"},
      {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "malformed_request"},
      {"foreign absolute form", get("http://evil/health"), 400, "malformed_request"},
      {"bad percent", get("/%zz"), 400, "malformed_request"},
      {"NUL in the path", get("/%00"), 400, "malformed_request"},
      {"path not UTF-8", get("/%ff"), 400, "malformed_request"},
      {"query name twice", get("/seen?a=1&a=2"), 400, "malformed_request"},
      {"unknown expectation", get("/seen", "Expect: coffee\r\n"), 400, "malformed_request"},
      {"long target", get("/" + std::string(9000, 'a')), 414, "uri_too_long"},
      {"endless target", "GET /" + std::string(20000, 'a'), 414, "uri_too_long"},
      {"long field", get("/seen", "A: " + std::string(9000, 'a') + "\r\n"), 431, "headers_too_large"},
  };
  for (const auto& item : cases) {
    INFO(item.what);
    auto client = door.connect();
    const auto response = client.ask(item.request);
    CHECK(response.status == item.status);
    CHECK(response.header("content-type") == "application/problem+json");
    CHECK(member(response, "error") == item.error);
    CHECK_FALSE(response.header("x-correlation-id").empty());
    CHECK(member(response, "correlation_id") == response.header("x-correlation-id"));
    CHECK(response.header("connection") ==
          (item.status == 411 && item.request == fields("") ? "keep-alive" : "close"));
  }
}

TEST_CASE("door: a head of more than 32 KiB is 431, before its end") {
  const TestDoor door;
  std::string request = "GET /seen HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 50; ++i) request += "F" + std::to_string(i) + ": " + std::string(1000, 'v') + "\r\n";
  CHECK(door.ask(request).status == 431);
}

TEST_CASE("door: a head that is cut by the end of the connection is 400, and runs nothing") {
  const TestDoor door;
  for (const auto& request : {"GET /health HTTP/1.1\r\nHost: localhost\r\n"s, "GET /heal"s,
                              "GET /health HTTP/1.1\r\nHost: localhost\r\n\r"s}) {
    auto client = door.connect();
    client.send(request);
    client.endSending();
    const auto response = client.read();
    CHECK(response.status == 400);
    CHECK(member(response, "error") == "malformed_request");
    CHECK(client.closedWithin(5s));
  }
}

TEST_CASE("door: a connection that ends without a byte is closed without an answer") {
  const TestDoor door;
  auto client = door.connect();
  client.endSending();
  CHECK(client.read().closed);
}

TEST_CASE("door: the forms of a request that HTTP allows are served") {
  const TestDoor door;
  CHECK(door.ask("GET /health HTTP/1.0\r\n\r\n").status == 200);
  CHECK(door.ask("\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
  CHECK(door.ask("GET /health HTTP/1.1\r\nhOsT:localhost:8000\r\n\r\n").status == 200);
  CHECK(door.ask("GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
  const auto options = door.ask(get("*", "", "OPTIONS"));
  CHECK(options.status == 404);
}

TEST_CASE("door: a handler sees the decoded request") {
  const TestDoor door;
  const auto response = door.ask(get("/items/a%20b?x=1%2B1", "X-Thing: One\r\nx-thing: two\r\n"));
  REQUIRE(response.status == 200);
  CHECK(member(response, "id") == "a b");
  CHECK(member(response, "path") == "/items/a b");
  CHECK_THAT(response.body, Catch::Contains("\"x\":\"1+1\""));
  CHECK_THAT(response.body, Catch::Contains("\"x-thing\":\"One, two\""));
}

TEST_CASE("door: HEAD has the length of GET and no body, and the next request is understood") {
  const TestDoor door;
  auto client = door.connect();
  client.send(get("/seen", "", "HEAD"));
  const auto head = client.read(true);
  CHECK(head.status == 200);
  CHECK(std::stoul(head.header("content-length")) > 10);
  CHECK(client.ask(get("/seen")).status == 200);
}

TEST_CASE("door: an answer without a body does not disturb the next one") {
  const TestDoor door;
  auto client = door.connect();
  CHECK(client.ask(get("/empty")).status == 204);
  CHECK(client.ask(get("/seen")).status == 200);
}

TEST_CASE("door: another method is 405 with the methods there are, OPTIONS too") {
  const TestDoor door;
  auto response = door.ask(get("/seen", "", "OPTIONS"));
  CHECK(response.status == 405);
  CHECK(response.header("allow") == "GET, HEAD");
  CHECK(member(response, "error") == "method_not_allowed");
  CHECK(door.ask(get("/seen", "", "DELETE")).status == 405);
  CHECK(door.ask(get("/seen", "", "get")).status == 405);
  CHECK(door.ask(get("/nowhere")).status == 404);
}

TEST_CASE("door: requests that are sent together are answered in order") {
  const TestDoor door;
  auto client = door.connect();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += get("/items/" + std::to_string(i));
    all += post("/required", "{\"n\":" + std::to_string(i) + "}");
  }
  client.send(all);
  for (int i = 0; i < 20; ++i) {
    CHECK(member(client.read(), "id") == std::to_string(i));
    CHECK(member(client.read(), "body") == "{\"n\":" + std::to_string(i) + "}");
  }
}

TEST_CASE("door: a request that arrives byte by byte is understood") {
  const TestDoor door;
  auto client = door.connect();
  for (const char c : post("/required", "{\"n\":1}")) REQUIRE(client.send(std::string_view(&c, 1)));
  const auto response = client.read();
  CHECK(response.status == 200);
  CHECK(member(response, "body") == "{\"n\":1}");
}

TEST_CASE("door: Connection: close is obeyed") {
  const TestDoor door;
  auto client = door.connect();
  const auto response = client.ask(get("/seen", "Connection: close\r\n"));
  CHECK(response.status == 200);
  CHECK(response.header("connection") == "close");
  CHECK(client.closedWithin(5s));
}
