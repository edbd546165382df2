// Bodies of POST /vx11/spawn that cannot be accepted: each fault has a status, a code and the name of the
// field.
#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

Answer post(const Daemon& daemon, const std::string& body) {
  return daemon.http().post("/vx11/spawn", body);
}

// The members of a good request, and `more`.
std::string with(const std::string& more) {
  return R"({"task_type":"shell","code":"true",)" + more + "}";
}

std::string rowsKept(const Daemon& daemon) {
  return SqliteReader(daemon.database()).value("SELECT count(*) FROM spawns");
}

}  // namespace

TEST_CASE("content: what is not strict JSON is 400 and says where") {
  OpenDaemon daemon;
  for (const char* body :
       {"{", "[]", "\"text\"", "null", "7", "{'task_type':'shell'}", R"({"code":"x",})", R"({"code":"x"} {})",
        R"({"code":"x"}x)", "{\"code\":\"raw\nline\"}", R"({"code":01})", R"({"code":NaN})",
        R"({"code":"\x"})", R"({"code":"\ud800"})", R"(// comment
{})",
        "code=x"}) {
    INFO(body);
    const auto answer = post(daemon, body);
    checkProblem(answer, 400, "malformed_json");
    CHECK_FALSE(answer.text("detail").empty());
  }
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += R"({"metadata":)";
  checkProblem(post(daemon, deep + "1" + std::string(40, '}')), 400, "malformed_json");
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: a name given twice, a NUL in a name and invalid UTF-8 are 400") {
  OpenDaemon daemon;
  checkProblem(post(daemon, R"({"task_type":"shell","task_type":"bash","code":"true"})"), 400,
               "malformed_json");
  CHECK_THAT(post(daemon, with(R"("env":{"A":"1","A":"2"})")).text("detail"),
             Contains("\"A\" is given twice"));
  checkProblem(post(daemon, with(R"("lab\u0000el":"x")")), 400, "malformed_json");
  checkProblem(post(daemon, with(R"("metadata":{"a\u0000b":1})")), 400, "malformed_json");
  for (const char* bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    checkProblem(post(daemon, R"({"task_type":"shell","code":")" + std::string(bytes) + "\"}"), 400,
                 "malformed_json");
  }
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: a NUL in a value is 422 and names the field") {
  OpenDaemon daemon;
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"task_type":"shell","code":"a\u0000b"})", "code"},
      {R"({"task_type":"sh\u0000ell","code":"true"})", "task_type"},
      {with(R"("stdin":"\u0000")"), "stdin"},
      {with(R"("args":["fine","\u0000"])"), "args[1]"},
      {with(R"("env":{"A":"\u0000"})"), "env.A"},
      {with(R"("cwd":"/\u0000")"), "cwd"},
      {with(R"("label":"\u0000")"), "label"},
      {with(R"("user_id":"\u0000")"), "user_id"},
      {with(R"("correlation_id":"\u0000")"), "correlation_id"},
      {with(R"("files":[{"name":"a\u0000","content":""}])"), "files[0].name"},
      {with(R"("files":[{"name":"a","content":"\u0000"}])"), "files[0].content"},
      {with(R"("metadata":{"a":"\u0000"})"), "metadata.a"},
      {with(R"("metadata":{"a":[{"b":"\u0000"}]})"), "metadata.a[0].b"},
  };
  CHECK_THAT(complaint(post(daemon, cases[0].first), "code"), Contains("travel in code_base64"));
  CHECK_THAT(complaint(post(daemon, cases[3].first), "args[1]"), !Contains("base64"));
  for (const auto& [body, field] : cases) {
    INFO(body);
    checkProblem(post(daemon, body), 422, "invalid_field", field);
  }
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: wrong types are 422, all of them named at once") {
  OpenDaemon daemon;
  const auto answer = post(daemon, R"({"task_type":7,"code":["true"],"ttl_seconds":"60","max_retries":1.5,
      "user_id":false,"metadata":"x","correlation_id":1,"label":{},"args":"x","stdin":1,"env":[],"cwd":1,"files":{},
      "priority":1})");
  CHECK(answer.json()->getArray("errors")->size() == 14);
  for (const char* field : {"task_type", "code", "ttl_seconds", "max_retries", "user_id", "metadata",
                            "correlation_id", "label", "args", "stdin", "env", "cwd", "files", "priority"}) {
    checkProblem(answer, 422, "invalid_field", field);
  }
  checkProblem(post(daemon, with(R"("args":["a",1])")), 422, "invalid_field", "args[1]");
  checkProblem(post(daemon, with(R"("env":{"A":1})")), 422, "invalid_field", "env.A");
  checkProblem(post(daemon, with(R"("files":["x"])")), 422, "invalid_field", "files[0]");
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: what is missing or empty is 422") {
  OpenDaemon daemon;
  const auto nothing = post(daemon, "{}");
  checkProblem(nothing, 422, "invalid_field", "task_type");
  checkProblem(nothing, 422, "invalid_field", "code");
  checkProblem(post(daemon, R"({"task_type":"shell","code":""})"), 422, "invalid_field", "code");
  checkProblem(post(daemon, R"({"task_type":"shell","code":null})"), 422, "invalid_field", "code");
  checkProblem(post(daemon, R"({"task_type":"shell","code_base64":""})"), 422, "invalid_field",
               "code_base64");
  checkProblem(post(daemon, R"({"task_type":"","code":"true"})"), 422, "invalid_field", "task_type");
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: bytes come by text or by base64, not both, and base64 must be one") {
  OpenDaemon daemon;
  checkProblem(post(daemon, with(R"("code_base64":"dHJ1ZQ==")")), 422, "invalid_field", "code");
  checkProblem(post(daemon, with(R"("stdin":"a","stdin_base64":"YQ==")")), 422, "invalid_field", "stdin");
  for (const char* base64 : {"YQ", "Y Q==", "YQ=\n", "_-==", "?", "YR==="}) {
    INFO(base64);
    Json body = shell("true");
    body.set("stdin_base64", base64);
    checkProblem(daemon.http().post("/vx11/spawn", body), 422, "invalid_field", "stdin_base64");
  }
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: a ttl that is not 1 to 86400 is 422") {
  OpenDaemon daemon;
  for (const char* ttl :
       {"0", "-1", "86401", "\"60\"", "60.0", "6e1", "true", "[60]", "18446744073709551615"}) {
    INFO(ttl);
    checkProblem(post(daemon, with(std::string(R"("ttl_seconds":)") + ttl)), 422, "invalid_field",
                 "ttl_seconds");
  }
  CHECK_THAT(complaint(post(daemon, with(R"("ttl_seconds":"60")")), "ttl_seconds"),
             Contains("without quotes"));
  checkProblem(post(daemon, with(R"("max_retries":11)")), 422, "invalid_field", "max_retries");
  checkProblem(post(daemon, with(R"("max_retries":-1)")), 422, "invalid_field", "max_retries");
  checkProblem(post(daemon, with(R"("priority":"P7")")), 422, "invalid_field", "priority");
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: an unknown task_type is 422, lists the known ones and leaves no row") {
  OpenDaemon daemon;
  const auto answer = post(daemon, R"({"task_type":"pyton","code":"true"})");
  checkProblem(answer, 422, "invalid_field", "task_type");
  CHECK_THAT(complaint(answer, "task_type"),
             Contains("bash") && Contains("python") && Contains("shell") && Contains("did you mean python?"));
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: an unknown field is 422 and named with the nearest known one") {
  OpenDaemon daemon;
  const auto answer = post(daemon, with(R"("ttl_second":60,"enviroment":{},"zzzzzzzz":1)"));
  checkProblem(answer, 422, "invalid_field", "zzzzzzzz");
  CHECK_THAT(complaint(answer, "ttl_second"), Contains("did you mean \"ttl_seconds\"?"));
  CHECK_THAT(complaint(answer, "zzzzzzzz"), !Contains("did you mean"));
  CHECK_FALSE(complaint(answer, "enviroment").empty());
  const auto nested = post(daemon, with(R"("files":[{"name":"a","contents":"x","content":""}])"));
  CHECK_THAT(complaint(nested, "files[0].contents"), Contains("did you mean \"content\"?"));
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE(
    "content: with http.unknown_fields = ignore unknown fields are passed over, known ones still judged") {
  OpenDaemon daemon({{"http.unknown_fields", "ignore"}});
  CHECK(post(daemon, with(R"("zzzz":1,"provider":{"x":[1]})")).text("status") == "QUEUED");
  CHECK(daemon.http().post("/vx11/window/open", R"({"target":"hermes","who":"old client"})").status == 200);
  checkProblem(post(daemon, with(R"("zzzz":1,"ttl_seconds":0)")), 422, "invalid_field", "ttl_seconds");
  checkProblem(post(daemon, with(R"("outputs":["a"])")), 422, "not_yet_supported", "outputs");
  // A limit that is passed over would be none.
  checkProblem(post(daemon, with(R"("limits":{"memory_mb":1})")), 422, "invalid_field", "limits.memory_mb");
}

TEST_CASE("content: a field of the contract that is not served yet is 422 not_yet_supported, never ignored") {
  OpenDaemon daemon;
  const auto answer = post(daemon, with(R"("outputs":[{"name":"a"}])"));
  checkProblem(answer, 422, "not_yet_supported", "outputs");
  CHECK_THAT(complaint(answer, "outputs"), Contains("leave it out"));
  CHECK(rowsKept(daemon) == "0");
}

TEST_CASE("content: what no daughter could be given is 422 before anything runs") {
  OpenDaemon daemon;
  Json longest = shell("true");
  longest.set("args", list({std::string(131072, 'x')}));
  checkProblem(daemon.http().post("/vx11/spawn", longest), 422, "invalid_field", "args[0]");
  Json many = shell("true");
  many.set("args", list(std::vector<std::string>(11, std::string(100000, 'x'))));
  checkProblem(daemon.http().post("/vx11/spawn", many), 422, "invalid_field", "args");
  Json variable = shell("true");
  variable.set("env", object({{"A", std::string(131072, 'x')}}));
  checkProblem(daemon.http().post("/vx11/spawn", variable), 422, "invalid_field", "env.A");
  CHECK(rowsKept(daemon) == "0");
}
