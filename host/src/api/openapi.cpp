#include "api/openapi.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/String.h>

#include "api/openapi_schemas.hpp"
#include "base/json.hpp"

namespace vx11::api {

namespace {

using Poco::JSON::Array;

json::ObjectPtr reference(const std::string& schema) {
  auto object = json::newObject();
  object->set("$ref", "#/components/schemas/" + schema);
  return object;
}

// Of a schema by its name, or of a content type that is no JSON.
json::ObjectPtr contentOf(const std::string& what, const char* json_type = "application/json") {
  auto media = json::newObject();
  const bool is_type = what.find('/') != std::string::npos;
  if (!is_type) media->set("schema", reference(what));
  auto content = json::newObject();
  content->set(is_type ? what : json_type, media);
  return content;
}

json::ObjectPtr parameter(const std::string& name, const char* place, bool required,
                          const std::string& description, const std::string& schema) {
  auto object = json::newObject();
  object->set("name", name);
  object->set("in", place);
  object->set("required", required);
  if (!description.empty()) object->set("description", description);
  object->set("schema", json::parseObject(schema));
  return object;
}

Array::Ptr parametersOf(const Call& call) {
  Array::Ptr list = new Array;
  for (size_t open = call.pattern.find('{'); open != std::string::npos;
       open = call.pattern.find('{', open + 1)) {
    const auto name = call.pattern.substr(open + 1, call.pattern.find('}', open) - open - 1);
    list->add(parameter(name, "path", true,
                        name == "id" ? "Spawn id, uuid or correlation id" : "spawner, switch or hermes",
                        R"({"type":"string"})"));
  }
  for (const auto& query : call.query)
    list->add(parameter(query.name, "query", false, query.description, query.schema));
  return list;
}

json::ObjectPtr responsesOf(const Call& call) {
  auto good = json::newObject();
  good->set("description", call.summary);
  good->set("content", contentOf(call.gives));
  auto bad = json::newObject();
  bad->set("description", "What is wrong, and what to change (RFC 9457)");
  bad->set("content", contentOf("Problem", "application/problem+json"));
  auto responses = json::newObject();
  responses->set("200", good);
  responses->set("default", bad);
  return responses;
}

json::ObjectPtr operationOf(const Call& call) {
  auto operation = json::newObject();
  operation->set("summary", call.summary);
  operation->set("parameters", parametersOf(call));
  if (!call.takes.empty()) {
    auto body = json::newObject();
    body->set("required", call.body == http::Body::kRequired);
    body->set("content", contentOf(call.takes));
    operation->set("requestBody", body);
  }
  operation->set("responses", responsesOf(call));
  // An empty list: no token.
  if (call.access == http::Access::kOpen) operation->set("security", Array::Ptr(new Array));
  return operation;
}

json::ObjectPtr pathsOf(const std::vector<Call>& calls) {
  auto paths = json::newObject();
  for (const auto& call : calls) {
    if (!paths->has(call.pattern)) paths->set(call.pattern, json::newObject());
    paths->getObject(call.pattern)->set(Poco::toLower(call.method), operationOf(call));
  }
  return paths;
}

}  // namespace

std::string openApi(const std::vector<Call>& calls, const std::string& version) {
  auto info = json::newObject();
  info->set("title", "vx11");
  info->set("version", version);
  info->set("description", "Code in, accounted-for processes, results out.");
  auto document = json::newObject();
  document->set("openapi", "3.1.0");
  document->set("info", info);
  document->set("paths", pathsOf(calls));
  document->set("components", json::parseObject(kComponents));
  document->set("security", json::parseObject(kSecurity)->getArray("security"));
  return json::print(*document);
}

}  // namespace vx11::api
