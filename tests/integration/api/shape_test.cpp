// Requests that are refused for how they are sent, before anybody looks at what they ask.
#include "calls.hpp"
#include "catch.hpp"
#include "raw_client.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

RawAnswer sendRaw(const Daemon& daemon, const std::string& request_line, const std::string& fields,
                  const std::string& body = {}) {
  RawClient client(daemon.port());
  client.send(request_line + " HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " + daemon.token() + "\r\n" +
              fields + "\r\n" + body);
  return client.readAnswer();
}

void checkRaw(const RawAnswer& raw, int status, const std::string& error) {
  Answer answer;
  answer.status = raw.status;
  answer.headers = raw.headers;
  answer.body = raw.body;
  checkProblem(answer, status, error);
}

}  // namespace

TEST_CASE("shape: a body over the limit is 413, said before it is sent") {
  OpenDaemon daemon({{"http.max_body_bytes", "2000"}});
  // Not one byte of the body follows: the answer comes all the same.
  checkRaw(sendRaw(daemon, "POST /vx11/spawn", "Content-Type: application/json\r\nContent-Length: 2001\r\n"),
           413, "payload_too_large");
  const auto exact = [](size_t size) {
    std::string body = R"({"task_type":"shell","code":"true )";
    body.resize(size - 2, '#');
    return body + "\"}";
  };
  CHECK(daemon.http().post("/vx11/spawn", exact(2000)).status == 200);
  checkProblem(daemon.http().post("/vx11/spawn", exact(2001)), 413, "payload_too_large");
}

TEST_CASE("shape: a content type that is not JSON is 415") {
  OpenDaemon daemon;
  const std::string body = R"({"task_type":"shell","code":"true"})";
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/json; charset=latin1", "application/jsonx"}) {
    INFO(type);
    const auto answer = daemon.http().post("/vx11/spawn", body, {{"Content-Type", type}});
    checkProblem(answer, 415, "unsupported_media_type");
    CHECK_THAT(answer.text("hint"), Contains("application/json"));
  }
  for (const char* type : {"application/json", "application/json; charset=utf-8", "Application/JSON"}) {
    INFO(type);
    CHECK(daemon.http().post("/vx11/spawn", body, {{"Content-Type", type}}).status == 200);
  }
}

TEST_CASE("shape: a call that needs a body and has no length is 411, chunked too") {
  OpenDaemon daemon;
  const std::string json = "Content-Type: application/json\r\n";
  for (const char* line : {"POST /vx11/spawn", "POST /vx11/window/open", "POST /vx11/window/close"}) {
    INFO(line);
    checkRaw(sendRaw(daemon, line, json), 411, "length_required");
    checkRaw(sendRaw(daemon, line, json + "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), 411,
             "length_required");
  }
  const auto named = sendRaw(daemon, "POST /vx11/spawn",
                             json + "X-Correlation-Id: refused-1\r\nTransfer-Encoding: chunked\r\n");
  CHECK(named.headers.at("x-correlation-id") == "refused-1");
  CHECK_THAT(named.body, Catch::Contains(R"("correlation_id":"refused-1")"));
  checkRaw(
      sendRaw(daemon, "POST /vx11/spawn", json + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "{}"),
      400, "malformed_request");
  checkRaw(sendRaw(daemon, "POST /vx11/spawn", json + "Content-Length: x\r\n", "{}"), 400,
           "malformed_request");
}

TEST_CASE("shape: an unknown route is 404, another method is 405 with Allow") {
  OpenDaemon daemon;
  for (const char* path :
       {"/", "/vx11", "/vx11/spawn/", "/VX11/spawn", "/vx11/spawn/x", "/health/x", "/vx11/%73pawn2"}) {
    INFO(path);
    const auto answer = daemon.http().get(path);
    checkProblem(answer, 404, "not_found");
    if (std::string(path).find('%') == std::string::npos) CHECK(answer.text("instance") == path);
  }
  const auto allowed = [&](const std::string& method, const std::string& path) {
    const auto answer = daemon.http().request(method, path, "", {});
    checkProblem(answer, 405, "method_not_allowed");
    return answer.headers.at("allow");
  };
  CHECK(allowed("GET", "/vx11/spawn") == "POST");
  CHECK(allowed("PUT", "/vx11/window/open") == "POST");
  CHECK(allowed("DELETE", "/vx11/status") == "GET, HEAD");
  CHECK(allowed("POST", "/health") == "GET, HEAD");
  CHECK(allowed("OPTIONS", "/vx11/spawn") == "POST");
  CHECK(allowed("DELETE", "/vx11/result/x") == "GET, HEAD");
}
