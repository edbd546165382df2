// A death at each fault point and some at random, under load; `packaging/dev torture` does the same for long.
#include "torture.hpp"

#include <string_view>

#include "catch.hpp"
#include "wait.hpp"

using namespace vx11::torture;

namespace {

constexpr uint64_t kSeed = 11;
// Less under a sanitizer: the points matter, not the crowd.
constexpr Shape kSmall{VX11_TEST_SANITIZED != 0 ? 24U : 48U, 1};
constexpr Shape kUsual{VX11_TEST_SANITIZED != 0 ? 40U : 120U, 2};

// Not REQUIRE: the log of the host, which that would print, is long, and lies in the directory that is kept.
bool isClean(Torture& torture, uint64_t round, const Plan& plan, const std::vector<std::string>& faults) {
  INFO(report(kSeed, round, describe(plan), faults, torture.scene().daemon().directory().string()));
  CHECK(faults.empty());
  return faults.empty();
}

// Every `step`th point of those that are the spawner's, or are not.
void checkPoints(bool spawners, size_t first, size_t step, const std::string& uids) {
  Torture torture(kSeed, kSmall, uids);
  size_t number = 0;
  for (size_t point = 0; point < vx11::fault::kPoints.size(); ++point) {
    if (isSpawners(point) != spawners || number++ % step != first) continue;
    const uint64_t round = 100 + point;
    if (!isClean(torture, round, torture.planAt(point, round), torture.at(point, round))) return;
    CHECK(torture.scene().deaths().contains(std::string(vx11::fault::kPoints[point])));
  }
  CHECK_THAT(torture.statusDistribution(), Catch::Matchers::StartsWith("pending: 0\nrunning: 0\n"));
}

}  // namespace

TEST_CASE("torture: the host dies at each fault point of its own, part 1") {
  checkPoints(false, 0, 3, "1900003000-1900003149");
}
TEST_CASE("torture: the host dies at each fault point of its own, part 2") {
  checkPoints(false, 1, 3, "1900003150-1900003299");
}
TEST_CASE("torture: the host dies at each fault point of its own, part 3") {
  checkPoints(false, 2, 3, "1900003300-1900003449");
}
TEST_CASE("torture: the spawner dies at each fault point of its own, part 1") {
  checkPoints(true, 0, 3, "1900003450-1900003574");
}
TEST_CASE("torture: the spawner dies at each fault point of its own, part 2") {
  checkPoints(true, 1, 3, "1900003575-1900003699");
}
TEST_CASE("torture: the spawner dies at each fault point of its own, part 3") {
  checkPoints(true, 2, 3, "1900003700-1900003824");
}

TEST_CASE("torture: host, spawner or both die at random, and nothing is lost, run twice or left") {
  Torture torture(kSeed, kUsual, "1900003825-1900003999");
  for (uint64_t round = 1; round <= 6; ++round) {
    if (!isClean(torture, round, torture.planAtRandom(round), torture.atRandom(round))) return;
  }
  CHECK_THAT(torture.statusDistribution(), Catch::Matchers::StartsWith("pending: 0\nrunning: 0\n"));
}

TEST_CASE("torture: the same seed makes the same decisions, and another one others") {
  const Shape shape;
  CHECK(describe(planRound(1, 7, shape)) == describe(planRound(1, 7, shape)));
  const Books books{"ledger", "counts"};
  const auto one = planRound(1, 7, shape);
  const auto same = planRound(1, 7, shape);
  const auto other = planRound(2, 7, shape);
  size_t different = 0;
  for (size_t client = 0; client < one.clients.size(); ++client) {
    for (size_t i = 0; i < one.clients[client].size(); ++i) {
      const auto body = bodyOf(one.clients[client][i], books, "id");
      CHECK(body == bodyOf(same.clients[client][i], books, "id"));
      different += body == bodyOf(other.clients[client][i], books, "id") ? 0 : 1;
    }
  }
  CHECK(different > shape.tasks / 4);
}
