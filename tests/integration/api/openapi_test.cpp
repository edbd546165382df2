// GET /openapi.json says what this binary serves, and nothing else.
#include <set>

#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

using JsonPtr = Json::Ptr;

struct Operation {
  std::string method;
  std::string pattern;
  JsonPtr description;

  std::string path() const {
    auto text = pattern;
    for (size_t open = 0; (open = text.find('{')) != std::string::npos;)
      text.replace(open, text.find('}') - open + 1,
                   pattern.find("{target}") == std::string::npos ? "spawn-1" : "switch");
    return text;
  }
};

std::vector<Operation> operationsOf(const JsonPtr& document) {
  std::vector<Operation> all;
  const auto paths = document->getObject("paths");
  for (const auto& pattern : paths->getNames()) {
    const auto item = paths->getObject(pattern);
    for (const auto& method : item->getNames())
      all.push_back({method == "get" ? "GET" : "POST", pattern, item->getObject(method)});
  }
  return all;
}

std::set<std::string> queriesOf(const Operation& operation) {
  std::set<std::string> names;
  const auto parameters = operation.description->getArray("parameters");
  for (unsigned i = 0; i < parameters->size(); ++i)
    if (parameters->getObject(i)->getValue<std::string>("in") == "query")
      names.insert(parameters->getObject(i)->getValue<std::string>("name"));
  return names;
}

void collectReferences(const Poco::Dynamic::Var& value, std::set<std::string>& names) {
  if (value.type() == typeid(JsonPtr)) {
    const auto object = value.extract<JsonPtr>();
    for (const auto& name : object->getNames()) {
      if (name == "$ref")
        names.insert(object->getValue<std::string>(name));
      else
        collectReferences(object->get(name), names);
    }
  } else if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
    for (const auto& item : *value.extract<Poco::JSON::Array::Ptr>()) collectReferences(item, names);
  }
}

}  // namespace

TEST_CASE("openapi: every call that it names is served, with the access and the query that it says") {
  OpenDaemon daemon;
  const auto document = daemon.http().get("/openapi.json").json();
  CHECK(document->getValue<std::string>("openapi") == "3.1.0");
  const auto operations = operationsOf(document);
  CHECK(operations.size() >= 20);
  for (const auto& operation : operations) {
    CAPTURE(operation.method, operation.pattern);
    const bool is_open = operation.description->has("security");
    const auto anonymous = daemon.httpWithoutToken().request(operation.method, operation.path(), "", {});
    CHECK((anonymous.status == 401) == !is_open);
    if (operation.pattern == "/vx11/backups" || operation.pattern == "/vx11/window/close") continue;
    const auto answer = daemon.http().request(operation.method, operation.path() + "?zzz=1", "{}", {});
    CHECK(answer.status != 405);
    // Another name than those is refused, but where VX11's clients may send anything.
    const bool lenient = operation.pattern == "/health" || operation.pattern == "/vx11/status" ||
                         operation.pattern == "/vx11/window/open";
    if (!lenient) CHECK_THAT(complaint(answer, "zzz"), Contains("is not a query parameter"));
    for (const auto& name : queriesOf(operation)) {
      CAPTURE(name);
      const auto known =
          daemon.http().request(operation.method, operation.path() + "?zzz=1&" + name + "=1", "{}", {});
      CHECK(complaint(known, name).empty());
    }
  }
}

TEST_CASE("openapi: all of the contract's calls are in it, and every reference leads somewhere") {
  OpenDaemon daemon;
  const auto document = daemon.http().get("/openapi.json").json();
  std::set<std::string> served;
  for (const auto& operation : operationsOf(document))
    served.insert(operation.method + " " + operation.pattern);
  for (const char* call : {"GET /health",
                           "GET /metrics",
                           "GET /openapi.json",
                           "GET /vx11/status",
                           "POST /vx11/window/open",
                           "POST /vx11/window/close",
                           "GET /vx11/window/status/{target}",
                           "POST /vx11/spawn",
                           "GET /vx11/result/{id}",
                           "GET /vx11/agents",
                           "GET /vx11/db/summary",
                           "GET /vx11/spawns",
                           "POST /vx11/spawns/batch",
                           "POST /vx11/spawns/{id}/cancel",
                           "GET /vx11/spawns/{id}/stdout",
                           "GET /vx11/spawns/{id}/stderr",
                           "GET /vx11/spawns/{id}/stream",
                           "GET /vx11/spawns/{id}/events",
                           "GET /vx11/trace/{id}",
                           "GET /vx11/plugins"}) {
    INFO(call);
    CHECK(served.count(call) == 1);
  }
  std::set<std::string> references;
  collectReferences(document, references);
  const auto schemas = document->getObject("components")->getObject("schemas");
  const std::string place = "#/components/schemas/";
  for (const auto& reference : references) {
    INFO(reference);
    REQUIRE(reference.starts_with(place));
    CHECK(schemas->has(reference.substr(place.size())));
  }
  CHECK(references.size() >= 15);
}

TEST_CASE("openapi: the fields of a task and of its result are those of this binary") {
  OpenDaemon daemon;
  const auto schemas =
      daemon.http().get("/openapi.json").json()->getObject("components")->getObject("schemas");
  // Of the wrong type each is refused for that, and none for being unknown.
  for (const auto& name : keys(*schemas->getObject("SpawnRequest")->getObject("properties"))) {
    CAPTURE(name);
    const auto answer = daemon.http().post("/vx11/spawn", "{\"" + name + "\":[{}]}");
    const auto all = answer.body;
    CHECK(answer.status == 422);
    CHECK_THAT(all, !Contains("did you mean") && !Contains("unknown"));
    CHECK_THAT(all, Contains("\"field\":\"" + name));
  }
  const auto limits = schemas->getObject("SpawnRequest")->getObject("properties")->getObject("limits");
  for (const auto& name : keys(*limits->getObject("properties"))) {
    const auto answer = daemon.http().post("/vx11/spawn", R"({"limits":{")" + name + R"(":-1}})");
    CHECK_THAT(complaint(answer, "limits." + name), Contains("must be"));
  }
  const auto result = run(daemon, shell("printf '\\377'; printf '\\377' >&2"));
  CHECK(keys(result) == keys(*schemas->getObject("Result")->getObject("properties")));
  const auto list = daemon.http().get("/vx11/spawns").json()->getArray("spawns");
  CHECK(keys(*list->getObject(0)) == keys(*schemas->getObject("Summary")->getObject("properties")));
}
