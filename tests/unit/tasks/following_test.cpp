#include "catch.hpp"
#include "engine_fixture.hpp"

using namespace vx11;
using namespace vx11::test;

namespace {

using Follows = std::vector<std::pair<std::string, bool>>;

}  // namespace

TEST_CASE("following: the spawner is asked once for all readers, and told when the last has gone") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto nonce = life.executor.starts().at(0).nonce;
  life.engine.follow(task);
  life.engine.follow(task);
  CHECK(life.executor.follows() == Follows{{nonce, true}});
  life.engine.unfollow(task);
  CHECK(life.executor.follows().size() == 1);
  life.engine.unfollow(task);
  CHECK(life.executor.follows() == Follows{{nonce, true}, {nonce, false}});
}

TEST_CASE("following: what waits is followed with its start, and again over each new connection") {
  const TempDirectory directory;
  EngineLife life(directory);
  const auto task = life.engine.submit(submissionOf());
  life.engine.follow(task);
  CHECK(life.executor.follows().empty());
  life.engine.onConnected(welcomeOf("one"));
  REQUIRE(life.started(1));
  const auto start = life.executor.starts().at(0);
  REQUIRE(eventually([&] { return life.executor.follows() == Follows{{start.nonce, true}}; }));
  life.engine.onDisconnected("it blinked");
  auto again = welcomeOf("one");
  again.running.push_back(startedOf(start));
  life.engine.onConnected(again);
  CHECK(life.executor.follows() == Follows{{start.nonce, true}, {start.nonce, true}});
}

TEST_CASE("following: growth wakes who waits for it, and the end and a stop as well") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto start = life.executor.starts().at(0);
  life.engine.follow(task);
  const auto next = [&](const tasks::Growth& seen) {
    return life.engine.awaitGrowth(task, seen, monoNow() + kDeadline);
  };
  auto growth = next({});
  CHECK(growth.nonce == start.nonce);
  CHECK(growth.attempt == 1);
  CHECK(growth.out == 0);
  life.engine.onGrown({start.nonce, 3, 0});
  growth = next(growth);
  CHECK(growth.out == 3);
  // The same again is nothing new.
  life.engine.onGrown({start.nonce, 3, 0});
  CHECK(life.engine.awaitGrowth(task, growth, monoNow()).out == 3);
  life.engine.onGrown({"of-nobody", 9, 9});
  life.engine.onGrown({start.nonce, 3, 4});
  growth = next(growth);
  CHECK(growth.err == 4);
  CHECK_FALSE(growth.ended);
  life.engine.onFinished(finishedOf(start));
  CHECK(next(growth).ended);
  life.engine.unfollow(task);
  CHECK(life.executor.follows().size() == 1);  // nobody is there to be told

  const auto other = life.engine.submit(submissionOf());
  growth = life.engine.awaitGrowth(other, {}, monoNow() + kDeadline);
  life.engine.drain();
  CHECK(life.engine.awaitGrowth(other, growth, monoNow() + kDeadline).draining);
}
