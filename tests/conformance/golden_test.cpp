// The plans of the plugins of this house, request by request, as written down beside each plugin.
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "catch.hpp"
#include "plugin_files.hpp"
#include "plugins/registry.hpp"
#include "stage.hpp"

namespace vx11::conformance {

namespace fs = std::filesystem;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

Array::Ptr toJson(const std::vector<PlanArg>& args) {
  Array::Ptr all = new Array;
  for (const auto& arg : args) {
    if (!arg.in_task_directory) {
      all->add(arg.text);
      continue;
    }
    Object::Ptr file = new Object;
    file->set("file", arg.text);
    all->add(file);
  }
  return all;
}

Object::Ptr toJson(const Plan& plan) {
  Object::Ptr object = new Object;
  object->set("program", plan.program);
  object->set("args", toJson(plan.args));
  Object::Ptr env = new Object;
  for (const auto& [name, value] : plan.env) env->set(name, value);
  object->set("env", env);
  object->set("cwd", plan.cwd);
  object->set("stdin", plan.stdin_bytes);
  Array::Ptr files = new Array;
  for (const auto& file : plan.files) {
    Object::Ptr entry = new Object;
    entry->set("name", file.name);
    entry->set("content", file.content);
    entry->set("mode", file.mode);
    files->add(entry);
  }
  object->set("files", files);
  return object;
}

std::string print(const Object& object) {
  std::ostringstream out;
  object.stringify(out, 2);
  return out.str();
}

Plan planOf(const plugins::Registry& registry, const Object& request) {
  const auto task_type = request.getValue<std::string>("task_type");
  const auto code = request.getValue<std::string>("code");
  const auto stdin_bytes = request.optValue<std::string>("stdin", "");
  const auto cwd = request.optValue<std::string>("cwd", "");
  plugins::InterpretRequest ours;
  ours.task_type = task_type;
  ours.code = code;
  ours.stdin_bytes = stdin_bytes;
  ours.cwd = cwd;
  if (const auto args = request.getArray("args"))
    for (const auto& arg : *args) ours.args.push_back(arg.convert<std::string>());
  if (const auto env = request.getObject("env"))
    for (const auto& [name, value] : *env) ours.env.emplace(name, value.convert<std::string>());
  const auto* interpreter = registry.interpreterFor(task_type);
  REQUIRE(interpreter != nullptr);
  return interpreter->plan(ours);
}

}  // namespace

TEST_CASE("plugins of this house: each plan is the one written down beside the plugin") {
  const plugins::Stage stage;
  for (const auto& entry : fs::directory_iterator(BUILT_PLUGINS)) stage.add(entry.path());
  plugins::Registry registry;
  registry.load({stage.root()});
  int checked = 0;
  for (const auto& folder : fs::directory_iterator(PLUGIN_SOURCES)) {
    if (!folder.is_directory()) continue;
    const auto file = folder.path() / "plan_test.json";
    INFO(file);
    Poco::JSON::Parser parser;
    const auto cases = parser.parse(plugins::readFile(file)).extract<Array::Ptr>();
    REQUIRE(cases->size() > 0);
    for (unsigned i = 0; i < cases->size(); ++i) {
      const auto one = cases->getObject(i);
      CHECK(print(*toJson(planOf(registry, *one->getObject("request")))) == print(*one->getObject("plan")));
      ++checked;
    }
  }
  CHECK(checked >= 3);
}

}  // namespace vx11::conformance
