#include "plugins/interpreter_adapter.hpp"

#include <thread>

#include "log_capture.hpp"
#include "plugins/loader.hpp"
#include "refusal.hpp"
#include "stage.hpp"

namespace vx11::plugins {

using Catch::Matchers::Contains;
using Env = std::vector<std::pair<std::string, std::string>>;

namespace {

struct Loaded {
  explicit Loaded(const std::string& fixture)
      : plugin(loadPlugin(stage.add(FIXTURES "/" + fixture + ".so"), record)) {}
  Plan plan(std::string_view code) const {
    InterpretRequest request;
    request.code = code;
    return plugin->interpreter().plan(request);
  }

  Stage stage;
  PluginRecord record;
  std::unique_ptr<LoadedPlugin> plugin;
};

}  // namespace

TEST_CASE("interpreter: every part of a plan arrives exact to the byte") {
  const Loaded loaded("good");
  InterpretRequest request;
  request.code = "everything";
  request.args = {"", "two words"};
  request.stdin_bytes = "from the request";
  request.cwd = "/request";
  request.env = {{"A", "request"}, {"C", "request"}};
  const auto plan = loaded.plugin->interpreter().plan(request);
  CHECK(plan.program == "/bin/other");
  CHECK(plan.args ==
        std::vector<PlanArg>{{"--run", false}, {"sub/main", true}, {"", false}, {"two words", false}});
  REQUIRE(plan.files.size() == 2);
  CHECK(plan.files[0].name == "sub/main");
  CHECK(plan.files[0].content == "everything");
  CHECK(plan.files[0].mode == 0750);
  CHECK(plan.files[1].content == std::string("\0\xff", 2));
  CHECK(plan.files[1].mode == 0600);
  // The plugin said what it reads and where; the request's own environment goes over the plugin's.
  CHECK(plan.stdin_bytes == "from the plugin");
  CHECK(plan.cwd == "/plugin");
  CHECK(plan.env == Env{{"A", "request"}, {"B", "plugin"}, {"C", "request"}});
}

TEST_CASE("interpreter: what the plugin leaves out is the request's and the description's") {
  const Loaded loaded("good");
  InterpretRequest request;
  request.code = "nothing";
  request.stdin_bytes = std::string_view("a\0b", 3);
  request.cwd = "/request";
  request.env = {{"A", "1"}};
  const auto plan = loaded.plugin->interpreter().plan(request);
  CHECK(plan.program == "fixture-program");
  CHECK(plan.stdin_bytes == std::string("a\0b", 3));
  CHECK(plan.cwd == "/request");
  CHECK(plan.env == Env{{"A", "1"}});
}

TEST_CASE("interpreter: a plan that breaks a rule is refused with the rule and the plugin's name") {
  const Loaded loaded("good");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"dotdot", "without empty"},
      {"absolute file", "without empty"},
      {"bad mode", "at most 0777"},
      {"same file", "named once"},
      {"nul arg", "NUL"},
      {"no pointer", "no pointer"},
      {"unknown file", "arg_file()"},
      {"many files", "at most 200 files"},
      {"many args", "at most 10,000"},
      {"host variable", "VX11_"},
      {"bad variable", "'='"},
      {"relative program", "absolute path or a bare name"},
      {"relative cwd", "cwd is an absolute"}};
  for (const auto& [code, rule] : cases) {
    INFO(code);
    const auto sentence = refusal(ErrorCode::kInternal, [&, &c = code] { loaded.plan(c); });
    CHECK_THAT(sentence, Contains("plugin fixture breaks a rule") && Contains(rule));
  }
}

TEST_CASE("interpreter: a plan without a program is refused") {
  const Loaded loaded("no_program");
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("x"); }), Contains("names a program"));
}

TEST_CASE("interpreter: a plugin that blames the request gives an invalid field") {
  const Loaded loaded("good");
  try {
    loaded.plan("blame");
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidField);
    CHECK(error.what() == std::string("the code does not suit"));
    REQUIRE(error.fields().size() == 1);
    CHECK(error.fields()[0].field == "code");
    CHECK(error.fields()[0].message == "write other code");
  }
  CHECK(refusal(ErrorCode::kInvalidField, [&] { loaded.plan("unsupported"); }) == "no stdin here");
}

TEST_CASE("interpreter: a plugin that is at fault itself is named, its text made readable") {
  const Loaded loaded("good");
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("broken"); }),
             Contains("plugin fixture failed in plan()") && Contains("lost its \\xff table"));
}

TEST_CASE("interpreter: a failure without a reason is logged as a bug of the plugin") {
  const Loaded loaded("good");
  const LogCapture log;
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("silent"); }), Contains("status -77"));
  CHECK_THAT(log.text(), Contains("event=plugin.bug plugin=fixture function=plan status=-77"));
}

TEST_CASE("interpreter: more arguments than a plan may have blame the request, not the plugin") {
  const Loaded loaded("good");
  InterpretRequest request;
  request.code = "x";
  request.args.resize(5001, "a");
  CHECK_THAT(refusal(ErrorCode::kInvalidField, [&] { loaded.plugin->interpreter().plan(request); }),
             Contains("too many arguments"));
}

TEST_CASE("interpreter: no exception passes the wrapper's barrier") {
  const Loaded loaded("barrier");
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("throw"); }),
             Contains("plugin barrier failed in plan(): lost the map"));
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("throw int"); }),
             Contains("not a std::exception"));
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("throw bad_alloc"); }),
             Contains("out of memory"));
  try {
    loaded.plan("blame");
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidField);
    REQUIRE(error.fields().size() == 1);
    CHECK(error.fields()[0].field == "args[0]");
  }
}

TEST_CASE("interpreter: an exception that a plugin without a barrier lets out does not end the host") {
  const Loaded loaded("leaky");
  const LogCapture log;
  CHECK_THAT(refusal(ErrorCode::kInternal, [&] { loaded.plan("x"); }),
             Contains("plugin leaky let an exception out of plan(): out of the plugin"));
  CHECK_THAT(log.text(), Contains("event=plugin.bug plugin=leaky"));
}

TEST_CASE("interpreter: the wrapper shows the whole request and logs through the host") {
  const Loaded loaded("barrier");
  const LogCapture log;
  InterpretRequest request;
  request.task_type = "barrier";
  request.code = "x";
  request.args = {"one"};
  request.cwd = "/here";
  request.options_json = "{}";
  request.env = {{"A", "1"}};
  const auto plan = loaded.plugin->interpreter().plan(request);
  CHECK(plan.args ==
        std::vector<PlanArg>{{"one", false}, {"/here", false}, {"{}", false}, {"barrier", false}});
  CHECK(plan.env == Env{{"COPY_A", "1"}, {"A", "1"}});
  CHECK_THAT(log.text(), Contains("warning event=plugin.says plugin=org.test.barrier message=planned"));
}

TEST_CASE("interpreter: several threads plan at once") {
  const Loaded loaded("barrier");
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      InterpretRequest request;
      request.code = "x";
      request.args = {std::to_string(t)};
      for (int i = 0; i < 50; ++i)
        if (loaded.plugin->interpreter().plan(request).args[0].text == std::to_string(t)) ++good;
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 200);
}

}  // namespace vx11::plugins
