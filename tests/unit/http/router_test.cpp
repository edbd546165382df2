#include "http/router.hpp"

#include <stdexcept>

#include "catch.hpp"

using namespace vx11::http;

namespace {

Route route(const char* method, const char* pattern) {
  return {method, pattern, Access::kToken, Body::kNone, [](const Request&) { return Response{}; }};
}

}  // namespace

TEST_CASE("router: a pattern's names are filled with whole segments") {
  const Router router({route("GET", "/r/{id}"), route("GET", "/r/{id}/part/{n}"), route("GET", "/")});
  const auto match = router.match("GET", "/r/abc/part/7");
  REQUIRE(match.route != nullptr);
  CHECK(match.path_ids == std::map<std::string, std::string>{{"id", "abc"}, {"n", "7"}});
  CHECK(router.match("GET", "/").route->pattern == "/");
  for (const char* path : {"/r", "/r/", "/r/a/", "/r/a/part", "r/a", "", "*", "//r/a", "/R/a"}) {
    INFO(path);
    CHECK(router.match("GET", path).route == nullptr);
    CHECK(router.match("GET", path).allowed.empty());
  }
}

TEST_CASE("router: a fixed path wins over a named one, wherever it stands") {
  const Router router({route("GET", "/r/{id}"), route("GET", "/r/list")});
  CHECK(router.match("GET", "/r/list").route->pattern == "/r/list");
  CHECK(router.match("GET", "/r/lists").route->pattern == "/r/{id}");
}

TEST_CASE("router: another method gets the methods there are, and HEAD is served by GET") {
  const Router router({route("GET", "/x"), route("POST", "/x"), route("POST", "/y")});
  CHECK(router.match("HEAD", "/x").route->method == "GET");
  const auto match = router.match("DELETE", "/x");
  CHECK(match.route == nullptr);
  CHECK(match.allowed == std::vector<std::string>{"GET", "HEAD", "POST"});
  CHECK(router.match("HEAD", "/y").allowed == std::vector<std::string>{"POST"});
  CHECK(router.match("get", "/x").route == nullptr);
}

TEST_CASE("router: a route given twice is a mistake in the table") {
  CHECK_THROWS_AS(Router({route("GET", "/x"), route("GET", "/x")}), std::logic_error);
  CHECK_THROWS_AS(Router({route("GET", "x")}), std::logic_error);
}
