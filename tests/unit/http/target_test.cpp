#include "http/target.hpp"

#include "base/error.hpp"
#include "catch.hpp"

using namespace vx11;

TEST_CASE("target: path and query are decoded") {
  const auto target = http::parseTarget("GET", "/a%20b/%c3%a9+?x=1%202&y=a+b&flag&&z=", "localhost");
  CHECK(target.path == "/a b/é+");
  CHECK(target.query ==
        std::map<std::string, std::string>{{"x", "1 2"}, {"y", "a b"}, {"flag", ""}, {"z", ""}});
  CHECK(http::parseTarget("GET", "/?", "").query.empty());
}

TEST_CASE("target: the absolute form names the same host, the star belongs to OPTIONS") {
  CHECK(http::parseTarget("GET", "http://localhost:8000/x?a=1", "localhost:8000").path == "/x");
  CHECK(http::parseTarget("GET", "HTTP://LocalHost/x", "localhost").path == "/x");
  CHECK(http::parseTarget("GET", "http://localhost", "localhost").path == "/");
  CHECK(http::parseTarget("OPTIONS", "*", "localhost").path == "*");
}

TEST_CASE("target: what cannot be decoded in one way only is refused") {
  for (const char* target :
       {"/%", "/%4", "/%zz", "/%00", "/%ff", "/?a=%", "/?a=%00", "/?a=1&a=2", "/?a=1&%61=2", "/#x", "x", "*",
        "http://evil/x", "https://localhost/x", "localhost:80"}) {
    INFO(target);
    CHECK_THROWS_AS(http::parseTarget("GET", target, "localhost"), Error);
  }
}
