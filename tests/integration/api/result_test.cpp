#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;

namespace {

Answer result(const Daemon& daemon, const std::string& id) {
  return daemon.http().get("/vx11/result/" + id);
}

Json withId(Json body, const std::string& correlation_id) {
  body.set("correlation_id", correlation_id);
  return body;
}

}  // namespace

TEST_CASE("result: spawn id, uuid and correlation id all find the task") {
  OpenDaemon daemon;
  const auto done = run(daemon, withId(shell("echo found"), "agent:step.1_a-b"));
  for (const auto& id : {done.text("spawn_id"), done.text("spawn_uuid"), std::string("agent:step.1_a-b")}) {
    INFO(id);
    const auto answer = result(daemon, id);
    CHECK(answer.status == 200);
    CHECK(answer.text("stdout") == "found\n");
    CHECK(answer.text("correlation_id") == "agent:step.1_a-b");
    CHECK(answer.headers.at("x-correlation-id") == "agent:step.1_a-b");
    CHECK(answer.body == done.body);
  }
  // A colon that a careful client writes as %3A is the same id.
  CHECK(result(daemon, "agent%3Astep.1_a-b").text("stdout") == "found\n");
}

TEST_CASE("result: a correlation id that several tasks share is 409 with all of them") {
  OpenDaemon daemon;
  std::vector<std::string> ids;
  for (const char* code : {"true", "exit 1", "echo 3"}) {
    ids.push_back(run(daemon, withId(shell(code), "shared")).text("spawn_id"));
  }
  const auto answer = result(daemon, "shared");
  checkProblem(answer, 409, "ambiguous_id");
  const auto matches = answer.json()->getArray("matches");
  REQUIRE(matches);
  REQUIRE(matches->size() == 3);
  std::vector<std::string> found;
  std::vector<std::string> statuses;
  for (unsigned i = 0; i < 3; ++i) {
    const auto match = matches->getObject(i);
    CHECK(keys(*match) == std::vector<std::string>{"created_at", "id", "kind", "status"});
    CHECK(match->getValue<std::string>("kind") == "spawn");
    found.push_back(match->getValue<std::string>("id"));
    statuses.push_back(match->getValue<std::string>("status"));
    CHECK(result(daemon, found.back()).status == 200);
  }
  CHECK_THAT(found, Catch::Matchers::UnorderedEquals(ids));
  CHECK_THAT(statuses, Catch::Matchers::UnorderedEquals(std::vector<std::string>{"DONE", "ERROR", "DONE"}));
}

TEST_CASE("result: an exact spawn id or uuid wins over a correlation id that reads the same") {
  OpenDaemon daemon;
  const auto first = run(daemon, shell("echo first"));
  run(daemon, withId(shell("echo second"), first.text("spawn_id")));
  run(daemon, withId(shell("echo third"), first.text("spawn_uuid")));
  CHECK(result(daemon, first.text("spawn_id")).text("stdout") == "first\n");
  CHECK(result(daemon, first.text("spawn_uuid")).text("stdout") == "first\n");
}

TEST_CASE("result: an id that stands for nothing is 404, one that no id can look like 422") {
  OpenDaemon daemon;
  for (const auto& id : {std::string("spawn-00000000"), std::string("nobody"), std::string(128, 'a')}) {
    INFO(id);
    const auto answer = result(daemon, id);
    checkProblem(answer, 404, "not_found");
    CHECK_THAT(answer.text("detail"), Catch::Matchers::Contains(id));
  }
  for (const auto& id :
       {std::string("a%20b"), std::string("%C3%A4"), std::string("'%3B--"), std::string(129, 'a')}) {
    INFO(id);
    checkProblem(result(daemon, id), 422, "invalid_field", "id");
  }
  checkProblem(daemon.http().get("/vx11/result/"), 404, "not_found");
}

TEST_CASE("result: stays what it is over a restart of the host") {
  OpenDaemon daemon;
  const auto done = run(daemon, shell("printf 'a\\377b'; echo err >&2; exit 4"));
  daemon.restart();
  CHECK(result(daemon, done.text("spawn_id")).body == done.body);
}
