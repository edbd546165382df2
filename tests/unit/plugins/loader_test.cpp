#include "plugins/loader.hpp"

#include "log_capture.hpp"
#include "refusal.hpp"
#include "stage.hpp"

namespace vx11::plugins {

using Catch::Matchers::Contains;

namespace {

std::string refusalOf(const std::string& fixture, PluginRecord& record,
                      ErrorCode code = ErrorCode::kConfiguration) {
  const Stage stage;
  const auto file = stage.add(FIXTURES "/" + fixture + ".so");
  return refusal(code, [&] { loadPlugin(file, record); });
}

std::string refusalOf(const std::string& fixture) {
  PluginRecord record;
  return refusalOf(fixture, record);
}

}  // namespace

TEST_CASE("plugin loader: a plugin in plain C is loaded and known") {
  const Stage stage;
  PluginRecord record;
  const auto plugin = loadPlugin(stage.add(FIXTURES "/good.so"), record);
  CHECK(record.id == "org.test.fixture");
  CHECK(record.name == "fixture");
  CHECK(record.version == "1.2.3");
  CHECK(record.sdk_version == "9.9.9");
  CHECK(record.kinds == std::vector<std::string>{"vx11.interpreter/1"});
  CHECK(record.task_types == std::vector<std::string>{"fixture"});
  CHECK(plugin->interpreter().name() == "fixture");
  CHECK(plugin->interpreter().program() == "fixture-program");
  CHECK(plugin->interpreter().installHint() == "apt install fixture");
}

TEST_CASE("plugin loader: a refusal by version names both versions, and the record keeps what is known") {
  PluginRecord record;
  CHECK_THAT(refusalOf("newer_minor", record),
             Contains("needs plugin ABI 0.7") && Contains("speaks 0.1") && Contains("upgrade vx11"));
  CHECK(record.id == "org.test.fixture");
  CHECK(record.sdk_version == "9.9.9");
  CHECK_THAT(refusalOf("other_major"), Contains("ABI 9.9") && Contains("speaks 0.1") && Contains("rebuild"));
}

TEST_CASE("plugin loader: an unknown kind is refused and listed") {
  PluginRecord record;
  CHECK_THAT(refusalOf("other_kind", record), Contains("no kind that this vx11") && Contains("upgrade vx11"));
  CHECK(record.kinds == std::vector<std::string>{"unknown kind (bit 5)"});
}

TEST_CASE("plugin loader: what a plugin lacks is named") {
  CHECK_THAT(refusalOf("no_note"), Contains("no vx11 note"));
  CHECK_THAT(refusalOf("no_entry"), Contains("does not export vx11_plugin_entry_v1"));
  CHECK_THAT(refusalOf("null_descriptor"), Contains("returned no descriptor"));
  CHECK_THAT(refusalOf("no_interface"), Contains("note promises vx11.interpreter/1"));
  CHECK_THAT(refusalOf("no_plan"), Contains("lacks the function plan()"));
  CHECK_THAT(refusalOf("short_interface"), Contains("lacks the function plan()"));
  CHECK_THAT(refusalOf("no_task_type"), Contains("names at least one task_type"));
}

TEST_CASE("plugin loader: names that break the rules are refused") {
  CHECK_THAT(refusalOf("bad_id"), Contains("The id in its vx11 note"));
  CHECK_THAT(refusalOf("bad_name"), Contains("[a-z0-9_-]"));
  CHECK_THAT(refusalOf("bad_task_type"), Contains("a task_type is"));
}

TEST_CASE("plugin loader: a descriptor that contradicts the note is refused") {
  CHECK_THAT(refusalOf("other_id"), Contains("org.test.fixture") && Contains("org.test.somebody"));
}

TEST_CASE("plugin loader: a start() that fails is refused with its reason and not stopped") {
  const LogCapture log;
  PluginRecord record;
  CHECK_THAT(refusalOf("start_fails", record, ErrorCode::kInternal),
             Contains("the moon is in the wrong quarter"));
  CHECK_THAT(log.text(), !Contains("stopped"));
}

TEST_CASE("plugin loader: a plugin that fails after start() is stopped again") {
  const LogCapture log;
  refusalOf("no_task_type");
  CHECK_THAT(log.text(), Contains("fixture stopped"));
}

TEST_CASE("plugin loader: the log says which file is about to run code") {
  const LogCapture log;
  refusalOf("no_entry");
  CHECK_THAT(log.text(), Contains("event=plugin.mapping plugin=org.test.fixture") && Contains("no_entry.so"));
}

}  // namespace vx11::plugins
