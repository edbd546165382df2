#include "http_client.hpp"

#include "catch.hpp"
#include "raw_client.hpp"
#include "toy_server.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("http client: sends token, headers and JSON, and reads status, headers and body") {
  std::string seen;
  ToyServer server([&seen](int socket) {
    seen = ToyServer::readThrough(socket, R"({"a":1})");
    ToyServer::write(socket,
                     "HTTP/1.1 422 Nope\r\nX-Kind: odd\r\nContent-Length: 26\r\n\r\n"
                     R"({"error":"no","count":true})"
                     "\n");
  });
  const HttpClient client(server.port(), "secret");
  const Answer answer = client.post("/path?wait=1", R"({"a":1})", {{"X-More", "yes"}});
  CHECK_THAT(seen, Contains("POST /path?wait=1 HTTP/1.1\r\n") && Contains("X-VX11-Token: secret\r\n") &&
                       Contains("X-More: yes\r\n") && Contains("Content-Type: application/json\r\n") &&
                       Contains("Content-Length: 7\r\n"));
  CHECK(answer.status == 422);
  CHECK(answer.headers.at("x-kind") == "odd");
}

TEST_CASE("http client: members of the answer are read as text") {
  const Answer answer{200, {}, R"({"s":"DONE","n":12,"t":true,"z":null})"};
  CHECK(answer.text("s") == "DONE");
  CHECK(answer.text("n") == "12");
  CHECK(answer.text("t") == "true");
  CHECK(answer.text("z") == "null");
  CHECK(answer.text("absent") == "null");
  CHECK_THROWS_WITH((Answer{500, {}, "oops"}.json()), Contains("oops"));
}

TEST_CASE("http client: no token, no header") {
  std::string seen;
  ToyServer server([&seen](int socket) {
    seen = ToyServer::readThrough(socket, "\r\n\r\n");
    ToyServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK(HttpClient(server.port(), "").get("/health").status == 200);
  CHECK_THAT(seen, !Contains("X-VX11-Token"));
}

TEST_CASE("raw client: reads answer after answer on one connection, then its end") {
  ToyServer server([](int socket) {
    ToyServer::readThrough(socket, "\r\n\r\n");
    ToyServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 404 Not");
    ToyServer::write(socket, " Found\r\ncontent-length:3\r\n\r\ntwo");
  });
  RawClient client(server.port());
  REQUIRE(client.send("GET / HTTP/1.1\r\n\r\n"));
  const RawAnswer first = client.readAnswer();
  CHECK(first.status == 200);
  CHECK(first.body == "one");
  const RawAnswer second = client.readAnswer();
  CHECK(second.status == 404);
  CHECK(second.body == "two");
  CHECK(client.readAnswer().status == 0);
  CHECK(client.closedWithin(kDeadline));
}

TEST_CASE("raw client: an answer without a length lasts until the end, and one to HEAD has no body") {
  ToyServer server([](int socket) {
    ToyServer::readThrough(socket, "\r\n\r\n");
    ToyServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
    ToyServer::write(socket, "HTTP/1.1 200 OK\r\n\r\nall of it");
  });
  RawClient client(server.port());
  REQUIRE(client.send("HEAD / HTTP/1.1\r\n\r\n"));
  const RawAnswer head = client.readAnswer(kDeadline, true);
  CHECK(head.headers.at("content-length") == "99");
  CHECK(head.body.empty());
  CHECK(client.readAnswer().body == "all of it");
}

TEST_CASE("raw client: reads until the close, and tells a server that goes on") {
  ToyServer server([](int socket) {
    const std::string request = ToyServer::readThrough(socket, "end");
    ToyServer::write(socket, request + "!");
    ToyServer::readThrough(socket, "never");  // until the client ends
  });
  RawClient client(server.port());
  REQUIRE(client.send("to the end"));
  CHECK_THROWS_WITH(client.readUntilClose(std::chrono::milliseconds(50)), Contains("not closed"));
  CHECK_FALSE(client.closedWithin(std::chrono::milliseconds(10)));
  client.finishSending();
  CHECK(client.readUntilClose() == "to the end!");
}
