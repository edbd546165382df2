// vx11 doctor: what is wrong, and what to type.
#include "catch.hpp"
#include "terminal.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

TEST_CASE("client: doctor finds nothing wrong with a host that works") {
  const Terminal terminal;
  const auto result = terminal.vx11({"doctor"});
  CAPTURE(result.out);
  CHECK(result.exit_status == 0);
  CHECK_THAT(result.out, Contains("answers at http://127.0.0.1:") && Contains("opens the door") &&
                             Contains("3 plugins are loaded") && Contains("window is open"));
  CHECK_THAT(terminal.vx11({"--json", "doctor"}).out, Contains(R"({"healthy":true,)"));
}

TEST_CASE("client: doctor names what is wrong") {
  Terminal terminal;
  auto& daemon = terminal.daemon();
  SECTION("a wrong token, or none") {
    const auto wrong = terminal.vx11({"doctor"}, {{"VX11_TOKEN", "x"}});
    CHECK(wrong.exit_status == 1);
    CHECK_THAT(wrong.out, Contains("refuses the token of VX11_TOKEN") && Contains("type: "));
    const auto none = terminal.vx11(
        {"doctor"},
        {{"VX11_URL", "http://127.0.0.1:" + std::to_string(daemon.port())}, {"VX11_STATE", "/nonexistent"}});
    CHECK_THAT(none.out, Contains("there is no token"));
  }
  SECTION("a closed window is a warning") {
    terminal.vx11({"window", "close", "spawner"});
    const auto result = terminal.vx11({"doctor"});
    CHECK(result.exit_status == 0);
    CHECK_THAT(result.out, Contains("type: vx11 window open spawner"));
  }
  SECTION("a plugin that was refused") {
    const auto folder = daemon.directory() / "plugins";
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    writeFile(folder / "not.so", "no library", 0644);
    daemon.set("plugins.path", folder.string());
    daemon.restart();
    const auto result = terminal.vx11({"doctor"});
    CHECK(result.exit_status == 1);
    CHECK_THAT(result.out, Contains("not.so is refused: ") && Contains("no plugin is loaded"));
  }
  SECTION("a host that is not there") {
    daemon.terminate();
    const auto result = terminal.vx11({"doctor"});
    CHECK(result.exit_status == 1);
    CHECK_THAT(result.out, Contains("nothing answers at") && Contains("type: vx11d"));
  }
}
