#include "place.hpp"

#include <fstream>
#include <map>

#include "catch.hpp"
#include "failure.hpp"
#include "temp_directory.hpp"

using namespace vx11::client;
using Catch::Contains;
using vx11::test::TempDirectory;

namespace {

Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("place: what vx11d left in its state directory") {
  const TempDirectory state;
  write(state / "token", " secret \nmore\n");
  auto place = findPlace({.state = state.path()}, environment({}));
  CHECK(place.url == "http://localhost:8000");
  CHECK(place.token == "secret");
  write(state / "door", "http://127.0.0.1:8123\n");
  place = findPlace({}, environment({{"VX11_STATE", state.path()}}));
  CHECK(place.url == "http://127.0.0.1:8123");
  CHECK(place.token == "secret");
  // The token may lie elsewhere.
  write(state / "other", "elsewhere\n");
  write(state / "door", "http://0.0.0.0:8123\n" + (state / "other").string() + "\n");
  place = findPlace({.state = state.path()}, environment({}));
  CHECK(place.url == "http://localhost:8123");
  CHECK(place.token == "elsewhere");
}

TEST_CASE("place: the command line wins over the environment, that over the state directory") {
  const TempDirectory state;
  write(state / "token", "of the state\n");
  write(state / "file", "of the file\n");
  const auto own = environment({{"VX11_URL", "http://127.0.0.1:1/"}, {"VX11_TOKEN", "of the environment"}});
  CHECK(findPlace({.state = state.path()}, own).url == "http://127.0.0.1:1");
  CHECK(findPlace({.state = state.path()}, own).token == "of the environment");
  const auto place = findPlace({.url = "http://127.0.0.1:2", .token_file = state / "file"}, own);
  CHECK(place.url == "http://127.0.0.1:2");
  CHECK(place.token == "of the file");
}

TEST_CASE("place: a token of this machine goes to no other one") {
  const TempDirectory state;
  write(state / "token", "secret\n");
  const auto place = findPlace({.url = "http://example.org:8000", .state = state.path()}, environment({}));
  CHECK(place.token.empty());
  CHECK_THAT(place.token_origin, Contains("not for example.org"));
  CHECK(findPlace({.url = "http://[::1]:8000", .state = state.path()}, environment({})).token == "secret");
}

TEST_CASE("place: what cannot be used is told with its reason") {
  const TempDirectory state;
  CHECK_THAT(findPlace({.state = state.path()}, environment({})).token_origin, Contains("No such file"));
  write(state / "token", "");
  CHECK_THAT(findPlace({.state = state.path()}, environment({})).token_origin, Contains("is empty"));
  for (const char* url : {"localhost:8000", "https://localhost", "http://", "http://localhost/path", "x"}) {
    INFO(url);
    CHECK_THROWS_AS(findPlace({.url = url}, environment({})), Failure);
  }
  CHECK_THROWS_AS(findPlace({.token_file = state / "none"}, environment({})), Failure);
}

TEST_CASE("place: the system's state comes before one's own") {
  using Paths = std::vector<std::filesystem::path>;
  CHECK(usualStates(environment({{"HOME", "/home/a"}})) ==
        Paths{"/var/lib/vx11", "/home/a/.local/state/vx11"});
  CHECK(usualStates(environment({{"HOME", "/home/a"}, {"XDG_STATE_HOME", "/s"}})) ==
        Paths{"/var/lib/vx11", "/s/vx11"});
  CHECK(usualStates(environment({})) == Paths{"/var/lib/vx11"});
}
