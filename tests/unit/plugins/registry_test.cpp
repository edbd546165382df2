#include "plugins/registry.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "log_capture.hpp"
#include "stage.hpp"

namespace vx11::plugins {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("plugin registry: bad files are listed as refused and the good one serves") {
  const Stage stage;
  stage.write("1_text.so", "not a plugin\n");
  stage.write("notes.txt", "ignored");
  Stage::setMode(stage.write("2_open.so", "x"), 0666);
  stage.add(FIXTURES "/newer_minor.so", "3_newer.so");
  stage.add(FIXTURES "/good.so", "4_good.so");
  Registry registry;
  registry.load({stage.root()});

  REQUIRE(registry.records().size() == 4);
  CHECK_THAT(registry.records()[0].reason, Contains("not a shared object"));
  CHECK_THAT(registry.records()[1].reason, Contains("written by others"));
  CHECK_THAT(registry.records()[2].reason, Contains("upgrade vx11"));
  for (int i = 0; i < 3; ++i) CHECK(registry.records()[static_cast<size_t>(i)].state == State::kRefused);
  const auto& good = registry.records()[3];
  CHECK(good.state == State::kLoaded);
  CHECK(good.reason.empty());
  CHECK(good.file == (stage.root() / "4_good.so").string());
  CHECK(registry.taskTypes() == std::vector<std::string>{"fixture"});
  REQUIRE(registry.interpreterFor("fixture") != nullptr);
  CHECK(registry.interpreterFor("Fixture") == nullptr);
}

TEST_CASE("plugin registry: a plugin that takes what another has is refused, by order of the path") {
  const Stage first;
  const Stage second;
  first.add(FIXTURES "/good.so");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"same_task_type", "serves task_type fixture already"},
      {"same_id", "has the same id"},
      {"same_name", "has the same name"}};
  for (const auto& [fixture, reason] : cases) second.add(FIXTURES "/" + fixture + ".so");
  Registry registry;
  registry.load({first.root(), second.root()});

  REQUIRE(registry.records().size() == 4);
  CHECK(registry.records()[0].state == State::kLoaded);
  for (size_t i = 1; i < 4; ++i) {
    const auto& record = registry.records()[i];
    CHECK(record.state == State::kRefused);
    CHECK_THAT(record.reason,
               Contains((first.root() / "good.so").string()) && Contains("remove one of the two"));
    for (const auto& [fixture, reason] : cases)
      if (fs::path(record.file).stem() == fixture) CHECK_THAT(record.reason, Contains(reason));
  }
  CHECK(registry.taskTypes() == std::vector<std::string>{"fixture"});
}

TEST_CASE("plugin registry: a directory that is missing or open to others is one refused entry") {
  const Stage stage;
  const auto open = stage.root() / "open";
  fs::create_directory(open);
  Stage::setMode(open, 0777);
  fs::copy_file(FIXTURES "/good.so", open / "good.so");
  const LogCapture log;
  Registry registry;
  registry.load({stage.root() / "missing", open});

  REQUIRE(registry.records().size() == 2);
  CHECK(registry.records()[0].file == (stage.root() / "missing").string());
  CHECK_THAT(registry.records()[0].reason, Contains("cannot be found") && Contains("plugins.path"));
  CHECK(registry.records()[1].file == open.string());
  CHECK_THAT(registry.records()[1].reason, Contains("written by others") && Contains("chmod go-w"));
  CHECK(registry.taskTypes().empty());
  CHECK_THAT(log.text(), Contains("event=plugin.refused"));
}

TEST_CASE("plugin registry: an empty directory is no refusal but a warning") {
  const Stage stage;
  const LogCapture log;
  Registry registry;
  registry.load({stage.root()});
  CHECK(registry.records().empty());
  CHECK_THAT(log.text(), Contains("event=plugin.none"));
}

TEST_CASE("plugin registry: a directory named twice, or through a link, is looked at once") {
  const Stage stage;
  fs::create_directory(stage.root() / "real");
  Stage::setMode(stage.root() / "real", 0755);
  fs::create_directory_symlink(stage.root() / "real", stage.root() / "link");
  fs::copy_file(FIXTURES "/good.so", stage.root() / "real" / "good.so");
  Stage::setMode(stage.root() / "real" / "good.so", 0644);
  Registry registry;
  registry.load({stage.root() / "link", stage.root() / "real"});
  REQUIRE(registry.records().size() == 1);
  CHECK(registry.records()[0].state == State::kLoaded);
  CHECK(registry.records()[0].file == (stage.root() / "real" / "good.so").string());
}

TEST_CASE("plugin registry: stop() ends each plugin once, and plans are refused from then on") {
  const Stage stage;
  stage.add(FIXTURES "/good.so");
  const LogCapture log;
  {
    Registry registry;
    registry.load({stage.root()});
    registry.stop();
    InterpretRequest request;
    request.code = "x";
    CHECK_THROWS_AS(registry.interpreterFor("fixture")->plan(request), Error);
  }
  const auto text = log.text();
  CHECK_THAT(text,
             Contains("event=plugin.says plugin=org.test.fixture message=\"fixture stopped\\nforged=line\""));
  CHECK(text.find("stopped") == text.rfind("stopped"));
}

}  // namespace vx11::plugins
