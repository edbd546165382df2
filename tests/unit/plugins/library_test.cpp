#include "plugins/library.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <vx11/plugin.h>

#include "log_capture.hpp"
#include "refusal.hpp"
#include "stage.hpp"

namespace vx11::plugins {

using Catch::Matchers::Contains;

TEST_CASE("plugin library: the dynamic loader's own text is kept") {
  const Stage stage;
  const auto undefined = stage.add(FIXTURES "/undefined_symbol.so");
  // A missing symbol is found at once (RTLD_NOW), not in the middle of a request.
  CHECK_THAT(refusal(ErrorCode::kConfiguration, [&] { Library::open(undefined); }),
             Contains("nobody_has_this"));
  const auto garbage = stage.write("garbage.so", std::string(5000, 'x'));
  CHECK_THAT(refusal(ErrorCode::kConfiguration, [&] { Library::open(garbage); }),
             Contains("invalid ELF header"));
}

TEST_CASE("plugin library: a name that is not exported is no function") {
  const Stage stage;
  const auto library = Library::open(stage.add(FIXTURES "/no_entry.so"));
  CHECK(library.function<void()>(VX11_PLUGIN_ENTRY) == nullptr);
  CHECK(library.function<void()>("another_name") != nullptr);
}

TEST_CASE("plugin library: a static constructor that throws is named before the process ends") {
  const Stage stage;
  const auto file = stage.add(FIXTURES "/static_throw.so");
  const LogCapture log;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::set_terminate([] { ::_exit(42); });  // what was set before us is still called
    Library::open(file);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK_THAT(log.text(),
             Contains("event=plugin.fatal") && Contains(file.string()) && Contains("static constructor"));
}

}  // namespace vx11::plugins
