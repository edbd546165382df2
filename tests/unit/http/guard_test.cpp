#include "http/guard.hpp"

#include <string>

#include "base/error.hpp"
#include "catch.hpp"

using namespace vx11;
using namespace std::string_literals;

namespace {

ErrorCode refusal(const std::string& head) {
  try {
    http::checkHead(head);
  } catch (const Error& e) {
    return e.code();
  }
  return ErrorCode::kInternal;  // accepted
}

std::string withFields(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("guard: a plain request is taken apart") {
  const std::string head = withFields("Content-Length:  5 \r\nexpect: 100-CONTINUE\r\nX-Empty:\r\n");
  const auto shape = http::checkHead(head);
  CHECK(shape.method == "POST");
  CHECK(shape.target == "/");
  CHECK(shape.host == "localhost");
  CHECK(shape.content_length == 5u);
  CHECK(shape.keep_alive);
  CHECK(shape.expects_continue);
}

TEST_CASE("guard: keep-alive follows version and Connection") {
  CHECK_FALSE(http::checkHead(withFields("Connection: close\r\n")).keep_alive);
  CHECK_FALSE(http::checkHead(withFields("Connection: keep-alive, Close\r\n")).keep_alive);
  CHECK_FALSE(http::checkHead(withFields("Connection: close\r\nConnection: keep-alive\r\n")).keep_alive);
  CHECK_FALSE(http::checkHead("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK(http::checkHead("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST_CASE("guard: lengths that two readers could take differently are refused") {
  for (const char* value : {"+5", "-5", "0x5", "5 5", "5,5", "5x", "", "five", "5.0", "99999999999999999999",
                            "9223372036854775808"}) {
    INFO(value);
    CHECK(refusal(withFields("Content-Length: "s + value + "\r\n")) == ErrorCode::kMalformedRequest);
  }
  CHECK(refusal(withFields("Content-Length: 5\r\nContent-Length: 5\r\n")) == ErrorCode::kMalformedRequest);
  CHECK(refusal(withFields("Content-Length: 5\r\ncontent-length: 6\r\n")) == ErrorCode::kMalformedRequest);
}

TEST_CASE("guard: any Transfer-Encoding is 411, with a length 400") {
  for (const char* value : {"chunked", "gzip, chunked", "identity", "xchunked", ""}) {
    CHECK(refusal(withFields("Transfer-Encoding: "s + value + "\r\n")) == ErrorCode::kLengthRequired);
  }
  CHECK(refusal(withFields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")) ==
        ErrorCode::kMalformedRequest);
  CHECK(refusal(withFields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")) ==
        ErrorCode::kMalformedRequest);
  CHECK(refusal(withFields("Transfer-Encoding: a\r\nTransfer-Encoding: b\r\n")) ==
        ErrorCode::kMalformedRequest);
}

TEST_CASE("guard: header lines that hide something are refused") {
  for (const auto& fields :
       {"Content-Length : 5\r\n"s, " folded: 1\r\n"s, "A: b\r\n folded\r\n"s, "\tA: b\r\n"s, "no colon\r\n"s,
        ": nameless\r\n"s, "A b: c\r\n"s, "A: b\rc\r\n"s, "A: b\0c\r\n"s, "A: \x1b[1m\r\n"s, "A: \x7f\r\n"s,
        "A: \xff\r\n"s, "A\xc3\xa9: b\r\n"s, "Host: other\r\n"s, "A: =?us-ascii?q?x?=\r\n"s,
        "Expect: coffee\r\n"s, "X-VX11-Token: a\r\nx-vx11-token: b\r\n"s}) {
    INFO(fields);
    CHECK(refusal(withFields(fields)) == ErrorCode::kMalformedRequest);
  }
  CHECK_NOTHROW(
      http::checkHead(withFields("A: \xc3\xa9\tb\r\nAccept: a\r\nAccept: b\r\nR: http://x/?a=?b\r\n")));
}

TEST_CASE("guard: a request line has one method, one target and a version that is spoken here") {
  for (const auto& line : {"GET /"s, "GET  / HTTP/1.1"s, "GET / HTTP/1.1 "s, " GET / HTTP/1.1"s,
                           "G(T / HTTP/1.1"s, "GET /a b HTTP/1.1"s, "GET /\xc3\xa9 HTTP/1.1"s,
                           "GET /\x01 HTTP/1.1"s, "GET / HTTP/1"s, "GET / http/1.1"s, "GET / HTTP/1.11"s,
                           "GET / FTP/1.1"s, "GET\t/ HTTP/1.1"s, std::string(32, 'M') + " / HTTP/1.1"}) {
    INFO(line);
    CHECK(refusal(line + "\r\nHost: x\r\n\r\n") == ErrorCode::kMalformedRequest);
  }
  CHECK(refusal("GET / HTTP/2.0\r\nHost: x\r\n\r\n") == ErrorCode::kHttpVersion);
  CHECK(refusal("GET / HTTP/0.9\r\nHost: x\r\n\r\n") == ErrorCode::kHttpVersion);
  CHECK(refusal("PRI * HTTP/2.0\r\n\r\n") == ErrorCode::kHttpVersion);
  CHECK(refusal("GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n") == ErrorCode::kUriTooLong);
}

TEST_CASE("guard: HTTP/1.1 needs a Host, HTTP/1.0 does not") {
  CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == ErrorCode::kMalformedRequest);
  CHECK_NOTHROW(http::checkHead("GET / HTTP/1.0\r\n\r\n"));
}

TEST_CASE("guard: the correlation id is found in heads that are refused too") {
  CHECK(http::correlationIdIn(withFields("Content-Length: x\r\nx-correlation-ID:  a-1 \r\n")) == "a-1");
  CHECK(http::correlationIdIn("nonsense\r\nX-Correlation-Id: a\r\nX-Correlation-Id: b\r\n\r\n") == "a");
  CHECK(http::correlationIdIn(withFields("")).empty());
  CHECK(http::correlationIdIn("GET / HTTP/1.1\r\n\r\nX-Correlation-Id: in the body").empty());
}

TEST_CASE("guard: fields past what Poco's parser takes are 431") {
  CHECK(refusal(withFields("A: " + std::string(8192, 'v') + "\r\n")) == ErrorCode::kHeadersTooLarge);
  CHECK(refusal(withFields(std::string(256, 'n') + ": v\r\n")) == ErrorCode::kHeadersTooLarge);
  std::string many;
  for (int i = 0; i < 99; ++i) many += "A: b\r\n";
  CHECK_NOTHROW(http::checkHead(withFields(many)));
  CHECK(refusal(withFields(many + "A: b\r\n")) == ErrorCode::kHeadersTooLarge);
}
