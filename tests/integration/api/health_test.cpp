#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Strings = std::vector<std::string>;

TEST_CASE("health: says ok and the old module name, and needs no token") {
  Daemon daemon;
  daemon.start();
  for (const auto& client : {daemon.httpWithoutToken(), daemon.http()}) {
    const auto answer = client.get("/health");
    REQUIRE(answer.status == 200);
    CHECK(answer.headers.at("content-type") == "application/json");
    CHECK(keys(answer) == Strings{"module", "status", "version"});
    CHECK(answer.text("status") == "ok");
    CHECK(answer.text("module") == "tentaculo_link");
    CHECK_FALSE(answer.text("version").empty());
  }
}

TEST_CASE("health: answers a HEAD without a body and echoes a correlation id") {
  Daemon daemon;
  daemon.start();
  const auto head = daemon.httpWithoutToken().request("HEAD", "/health", "", {});
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  const auto own = daemon.httpWithoutToken().get("/health", {{"X-Correlation-Id", "probe:1"}});
  CHECK(own.headers.at("x-correlation-id") == "probe:1");
  const auto first = daemon.httpWithoutToken().get("/health").headers.at("x-correlation-id");
  CHECK(first.size() == 36);
  CHECK(first != daemon.httpWithoutToken().get("/health").headers.at("x-correlation-id"));
}
