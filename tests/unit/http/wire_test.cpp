#include "http/wire.hpp"

#include "catch.hpp"

using namespace vx11::http;

TEST_CASE("wire: the head names status, length, correlation id and what becomes of the connection") {
  Response response;
  response.body = "{}";
  const auto head = renderHead(response, "c-1", true);
  CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  CHECK_THAT(head, Catch::Contains("\r\nContent-Length: 2\r\n"));
  CHECK_THAT(head, Catch::Contains("\r\nContent-Type: application/json\r\n"));
  CHECK_THAT(head, Catch::Contains("\r\nX-Correlation-Id: c-1\r\n"));
  CHECK_THAT(head, Catch::EndsWith("\r\nConnection: keep-alive\r\n\r\n"));
  response.correlation_id = "c-2";
  CHECK_THAT(renderHead(response, "c-1", false), Catch::Contains("\r\nX-Correlation-Id: c-2\r\n"));
  CHECK_THAT(renderHead(response, "c-1", false), Catch::EndsWith("\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("wire: a value cannot start a field of its own") {
  Response response;
  response.headers.emplace_back("Location", "/x\r\nSet-Cookie: a");
  CHECK_THAT(renderHead(response, "c", true), Catch::Contains("Location: /x  Set-Cookie: a\r\n"));
}

TEST_CASE("wire: an answer without a body has no length") {
  Response response;
  response.status = 204;
  CHECK_THAT(renderHead(response, "c", true), !Catch::Contains("Content-Length"));
}
