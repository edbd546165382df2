// Every plugin, loaded by this host.
#include "catch.hpp"
#include "plugin_files.hpp"
#include "plugins/registry.hpp"
#include "stage.hpp"

namespace vx11::conformance {

TEST_CASE("every plugin: this host loads it, and it serves what it says") {
  const plugins::Stage stage;
  const auto files = pluginFiles();
  for (const auto& file : files) stage.add(file);
  plugins::Registry registry;
  registry.load({stage.root()});
  CHECK(registry.records().size() == files.size());
  for (const auto& record : registry.records()) {
    INFO(record.file << ": " << record.reason);
    CHECK(record.state == plugins::State::kLoaded);
    for (const auto& type : record.task_types) {
      const auto* interpreter = registry.interpreterFor(type);
      REQUIRE(interpreter != nullptr);
      CHECK(interpreter->name() == record.name);
      // Whoever lacks the program must be told what to type.
      CHECK_FALSE(interpreter->installHint().empty());
      plugins::InterpretRequest request;
      request.task_type = type;
      request.code = "code";
      CHECK_FALSE(interpreter->plan(request).program.empty());
    }
  }
}

}  // namespace vx11::conformance
