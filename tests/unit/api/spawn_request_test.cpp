#include "api/spawn_request.hpp"

#include "base/error.hpp"
#include "catch.hpp"

using namespace vx11;
using Catch::Contains;

namespace {

tasks::Submission decode(const std::string& text, const std::string& header_cid = {}) {
  return api::decodeSubmission(json::parseObject(text), header_cid, json::UnknownFields::kRefuse);
}

// "code: field message; field message", or "accepted".
std::string refusal(const std::string& text) {
  try {
    decode(text);
  } catch (const Error& error) {
    std::string all = error.code() == ErrorCode::kNotYetSupported ? "not_yet_supported: " : "invalid: ";
    for (const auto& fault : error.fields()) all += fault.field + " " + fault.message + "; ";
    return all;
  }
  return "accepted";
}

std::string with(const std::string& more) {
  return R"({"task_type":"shell","code":"x",)" + more + "}";
}

}  // namespace

TEST_CASE("spawn request: the smallest one has the contract's defaults") {
  const auto submission = decode(R"({"task_type":"shell","code":"echo"})");
  CHECK(submission.ttl_seconds == 3600);
  CHECK(submission.user_id == "local");
  CHECK(submission.metadata_json == "{}");
  CHECK(submission.correlation_id.empty());
}

TEST_CASE("spawn request: every served field arrives") {
  const auto s =
      decode(with(R"("ttl_seconds":5,"user_id":"u","metadata":{"a":[1]},"correlation_id":"c-1","label":"l",
    "args":["a","b c"],"stdin":"in","env":{"K":"V"},"cwd":"/tmp",
    "files":[{"name":"d/f.txt","content":"text"},{"name":"b.bin","content_base64":"AP8="}])"));
  CHECK(s.ttl_seconds == 5);
  CHECK(s.metadata_json == R"({"a":[1]})");
  CHECK(s.correlation_id == "c-1");
  CHECK(s.args == std::vector<std::string>{"a", "b c"});
  CHECK(s.stdin_bytes == "in");
  CHECK(s.env.at("K") == "V");
  CHECK(s.cwd == "/tmp");
  REQUIRE(s.files.size() == 2);
  CHECK(s.files[0].name == "d/f.txt");
  CHECK(s.files[1].content == std::string("\0\xff", 2));
}

TEST_CASE("spawn request: code and stdin may be bytes") {
  const auto s = decode(R"({"task_type":"shell","code_base64":"AP8=","stdin_base64":"/w=="})");
  CHECK(s.code == std::string("\0\xff", 2));
  CHECK(s.stdin_bytes == "\xff");
  CHECK_THAT(refusal(with(R"("code_base64":"AA==")")), Contains("code stands beside code_base64"));
}

TEST_CASE("spawn request: the body's correlation id wins over the header's") {
  CHECK(decode(with(R"("correlation_id":"body")"), "header").correlation_id == "body");
  CHECK(decode(R"({"task_type":"shell","code":"x"})", "header").correlation_id == "header");
}

TEST_CASE("spawn request: each wrong value is named") {
  CHECK_THAT(refusal("{}"), Contains("task_type is missing") && Contains("code is missing"));
  CHECK_THAT(refusal(R"({"task_type":"shell","code":""})"),
             Contains("code must be a string that is not empty"));
  for (const char* ttl : {"0", "-1", "86401", "\"60\"", "1.5", "true", "1e3"}) {
    CHECK_THAT(refusal(with("\"ttl_seconds\":" + std::string(ttl))), Contains("invalid: ttl_seconds"));
  }
  CHECK_THAT(refusal(with(R"("correlation_id":"a b")")), Contains("correlation_id must be 1 to 128"));
  CHECK_THAT(refusal(with(R"("correlation_id":"")")), Contains("correlation_id must be 1 to 128"));
  CHECK_THAT(refusal(with(R"("cwd":"relative")")), Contains("cwd must be an absolute path"));
  CHECK_THAT(refusal(with(R"("args":"x")")), Contains("args"));
  CHECK_THAT(refusal(with(R"("args":[1])")), Contains("args[0]"));
  CHECK_THAT(refusal(with(R"("env":{"VX11_TASK_ID":"x"})")),
             Contains("env.VX11_TASK_ID is not yours to set"));
  CHECK_THAT(refusal(with(R"("env":{"A=B":"x"})")), Contains("env has the name \"A=B\""));
  CHECK_THAT(refusal(with(R"("priority":"P9")")), Contains("priority must be P0, P1 or P2"));
}

TEST_CASE("spawn request: unsafe file names are refused") {
  for (const char* name : {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "a/."}) {
    CHECK_THAT(refusal(with(R"("files":[{"name":")" + std::string(name) + R"(","content":""}])")),
               Contains("files[0].name"));
  }
  CHECK_THAT(refusal(with(R"("files":[{"name":"a"}])")), Contains("files[0].content is missing"));
  CHECK_THAT(refusal(with(R"("files":[{"name":"a","content":"","mode":1}])")), Contains("files[0].mode"));
}

TEST_CASE("spawn request: an unknown field is named with the nearest known one") {
  CHECK_THAT(refusal(R"({"task_type":"shell","cod":"x","code":"y"})"),
             Contains("cod") && Contains("\"code\""));
}

TEST_CASE("spawn request: what is not served yet is refused, its neutral value is accepted") {
  CHECK_THAT(refusal(with(R"("outputs":[])")), Contains("not_yet_supported: outputs"));
  CHECK(refusal(with(R"("max_retries":10,"priority":"P0","on_output_limit":"drop")")) == "accepted");
  CHECK_THAT(refusal(with(R"("max_retries":11)")), Contains("invalid: max_retries"));
}

TEST_CASE("spawn request: limits are in range and known, whatever is done with unknown fields") {
  const auto taken = [](const std::string& more) {
    return api::decodeSubmission(json::parseObject(with(more)), "", json::UnknownFields::kIgnore).limits;
  };
  const auto limits = taken(
      R"("limits":{"cpu_seconds":2,"address_space_bytes":16777216,"file_bytes":3,"open_files":16,"processes":4,"output_bytes":5},)"
      R"("on_output_limit":"kill")");
  CHECK(limits == PlanLimits{2, 16'777'216, 3, 16, 4, 5, true});
  CHECK(taken(R"("limits":{},"on_output_limit":"drop")") == PlanLimits{});
  for (const char* bad :
       {R"("cpu_seconds":0)", R"("address_space_bytes":1000)", R"("open_files":3)", R"("processes":-1)",
        R"("output_bytes":"5")", R"("memory_mb":64)", R"("memory_bytes":1)", R"("cpu_percent":50)"}) {
    INFO(bad);
    const std::string name(bad, 1, std::string(bad).find('"', 1) - 1);
    CHECK_THAT(refusal(with(R"("limits":{)" + std::string(bad) + "}")), Contains("limits." + name));
  }
  CHECK_THAT(refusal(with(R"("on_output_limit":"stop")")), Contains("must be drop or kill"));
}

TEST_CASE("spawn request: a secret variable follows the rules of the others, and is no other's twin") {
  CHECK_THAT(refusal(with(R"("secret_env":{"VX11_TOKEN":"x"})")), Contains("secret_env.VX11_TOKEN"));
  CHECK_THAT(refusal(with(R"("secret_env":{"A=B":"x"})")), Contains("secret_env has the name"));
  CHECK_THAT(refusal(with(R"("env":{"A":"1"},"secret_env":{"A":"hush"})")),
             Contains("secret_env.A stands in env too") && !Contains("hush"));
  CHECK_THAT(refusal(with(R"("secret_env":{"A":7})")), Contains("secret_env.A"));
}

TEST_CASE("spawn request: arguments that the kernel would refuse are refused here") {
  const std::string huge(200'000, 'x');
  CHECK_THAT(refusal(with(R"("args":[")" + huge + R"("])")), Contains("args[0] is longer"));
  std::string many;
  for (int i = 0; i < 20; ++i) many += (i == 0 ? "\"" : ",\"") + std::string(100'000, 'x') + "\"";
  CHECK_THAT(refusal(with("\"args\":[" + many + "]")), Contains("over 1 MiB together"));
}
