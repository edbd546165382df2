// Bodies: what is read, what is refused before it is read, and that nothing is left over.
#include <chrono>

#include "catch.hpp"
#include "test_door.hpp"

using namespace vx11;
using namespace vx11::test;
using namespace std::chrono_literals;

TEST_CASE("door: a body comes through to the byte, up to the limit") {
  http::ServerOptions options;
  options.max_body_bytes = 3u << 20;
  const TestDoor door(options);
  auto client = door.connect();
  const std::string body(options.max_body_bytes, 'b');
  CHECK(client.ask(post("/size", body)).body == "{\"size\":3145728}");
  std::string bytes;
  for (int i = 0; i < 128; ++i) bytes += static_cast<char>(i);
  CHECK(member(client.ask(post("/required", bytes)), "body") == bytes);
}

TEST_CASE("door: a body over the limit is 413 before it is read, and the client gets to see that") {
  http::ServerOptions options;
  options.max_body_bytes = 1000;
  const TestDoor door(options);
  auto client = door.connect();
  client.send("POST /required HTTP/1.1\r\nHost: localhost\r\n" + kToken + "Content-Length: 10000000\r\n\r\n");
  const auto early = client.read();
  CHECK(early.status == 413);
  CHECK(early.header("connection") == "close");
  // A client that sends everything before it reads still gets its answer.
  auto stubborn = door.connect();
  CHECK(stubborn.ask(post("/required", std::string(5'000'000, 'x'))).status == 413);
  CHECK(door.ask(post("/ignored", std::string(2000, 'x'))).status == 413);
}

TEST_CASE("door: an optional body may be missing, an ignored one does not poison the next request") {
  const TestDoor door;
  auto client = door.connect();
  CHECK(client.ask(get("/optional", "", "POST")).status == 200);
  CHECK(client.ask(post("/optional", "{}")).status == 200);
  const auto ignored = client.ask(post("/ignored", "GET /nowhere HTTP/1.1\r\n\r\n"));
  CHECK(ignored.status == 200);
  CHECK(member(ignored, "body").empty());
  CHECK(client.ask(get("/health", "Content-Length: 3\r\n") + "abc").status == 200);
  CHECK(client.ask(get("/seen")).status == 200);
}

TEST_CASE("door: a refused call with a body closes instead of reading it as the next request") {
  const TestDoor door;
  for (const auto& request : {post("/nowhere", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                              post("/seen", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                              post("/required", "a=b", "Content-Type: text/plain\r\n")}) {
    auto client = door.connect();
    const auto response = client.ask(request);
    CHECK(response.status >= 400);
    CHECK(response.header("connection") == "close");
    CHECK(client.closedWithin(5s));
  }
}

TEST_CASE("door: only JSON is taken for JSON") {
  const TestDoor door;
  for (const char* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=\"UTF-8\"", "application/json;"}) {
    INFO(type);
    CHECK(door.ask(post("/required", "{}", std::string("Content-Type: ") + type + "\r\n")).status == 200);
  }
  CHECK(door.ask(post("/required", "{}")).status == 200);
  for (const char* type :
       {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x",
        "application/json; charset=latin1", "application/jsonp", ""}) {
    INFO(type);
    const auto response = door.ask(post("/optional", "{}", std::string("Content-Type: ") + type + "\r\n"));
    CHECK(response.status == 415);
    CHECK(member(response, "error") == "unsupported_media_type");
    CHECK(member(response, "hint") == "add -H 'Content-Type: application/json'");
  }
}

TEST_CASE("door: an encoded body is refused, for nobody would decode it") {
  const TestDoor door;
  const auto response = door.ask(post("/required", "{}", "Content-Encoding: gzip\r\n"));
  CHECK(response.status == 415);
  CHECK(member(response, "error") == "unsupported_media_type");
  CHECK(door.ask(post("/required", "{}", "Content-Encoding: identity\r\n")).status == 200);
}

TEST_CASE("door: Expect: 100-continue is answered when the body is wanted, and not when it is refused") {
  const TestDoor door;
  auto client = door.connect();
  client.send("POST /required HTTP/1.1\r\nHost: localhost\r\n" + kToken +
              "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read().status == 100);
  CHECK(client.ask("{}").status == 200);

  auto refused = door.connect();
  refused.send(
      "POST /required HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(refused.read().status == 401);
}

TEST_CASE("door: a body that ends before its length is 400 and runs nothing") {
  const TestDoor door;
  auto client = door.connect();
  client.send("POST /required HTTP/1.1\r\nHost: localhost\r\n" + kToken + "Content-Length: 10\r\n\r\n{}");
  client.endSending();
  const auto response = client.read();
  CHECK(response.status == 400);
  CHECK(member(response, "error") == "malformed_request");
  CHECK(client.closedWithin(5s));
}

TEST_CASE("door: broken JSON is 400 and wrong fields are 422, and the connection goes on") {
  const TestDoor door;
  auto client = door.connect();
  const auto broken = client.ask(post("/json", "{\"n\":"));
  CHECK(broken.status == 400);
  CHECK(member(broken, "error") == "malformed_json");
  const auto wrong = client.ask(post("/json", "{\"n\":\"5\",\"m\":1}"));
  CHECK(wrong.status == 422);
  CHECK_THAT(wrong.body, Catch::Contains("\"field\":\"n\"") && Catch::Contains("\"field\":\"m\""));
  CHECK(client.ask(post("/json", "{\"n\":5}")).status == 200);
}

TEST_CASE("door: whatever a handler throws is answered, and the connection goes on") {
  const TestDoor door;
  auto client = door.connect();
  const auto full = client.ask(get("/throw/error"));
  CHECK(full.status == 503);
  CHECK(full.header("retry-after") == "1");
  CHECK(member(full, "hint") == "later");
  const auto inside = client.ask(get("/throw/std"));
  CHECK(inside.status == 500);
  CHECK(member(inside, "error") == "internal");
  CHECK(inside.body.find("secret reason") == std::string::npos);
  CHECK(client.ask(get("/throw/int")).status == 500);
  CHECK(client.ask(get("/seen")).status == 200);
}

TEST_CASE("door: a large answer arrives whole") {
  const TestDoor door;
  auto client = door.connect();
  const auto response = client.ask(get("/big"));
  CHECK(response.status == 200);
  CHECK(response.body == std::string(4u << 20, 'x'));
  CHECK(client.ask(get("/seen")).status == 200);
}
