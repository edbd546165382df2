#include "catch.hpp"
#include "engine_fixture.hpp"
#include "store/attempts.hpp"

using namespace vx11;
using namespace vx11::test;
using Catch::Contains;

namespace {

// Submits one task in a first life that then ends, and tells what it asked the spawner to start.
spawner_client::StartRequest leftBehind(const TempDirectory& directory, bool confirmed) {
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  life.engine.submit(submissionOf());
  auto start = life.executor.starts().at(0);
  if (confirmed) life.engine.onStarted(startedOf(start));
  life.database.flush();
  return start;
}

}  // namespace

TEST_CASE("reconcile: a daughter that the spawner still runs is taken up again") {
  const TempDirectory directory;
  const auto start = leftBehind(directory, true);
  EngineLife life(directory);
  auto welcome = welcomeOf("one");
  welcome.running.push_back(startedOf(start, 321));
  life.engine.onConnected(welcome);
  const auto task = life.engine.living(start.spawn_uuid);
  REQUIRE(task);
  CHECK(life.engine.view(task).row.pid == 321);
  life.engine.onFinished(finishedOf(start, 3));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  CHECK(life.engine.find(start.spawn_uuid)->row.end->exit_code == 3);
}

TEST_CASE(
    "reconcile: what was cancelled in an earlier life is ended, whether it ran, waited or was never sent") {
  const TempDirectory directory;
  spawner_client::StartRequest ran;
  spawner_client::StartRequest unsent;
  std::string waited;
  {
    EngineLife life(directory, {.max_running = 2});
    life.engine.onConnected(welcomeOf("one"));
    const auto first = life.engine.submit(submissionOf());
    const auto second = life.engine.submit(submissionOf());
    waited = life.engine.submit(submissionOf())->row.uuid;
    ran = life.executor.starts().at(0);
    unsent = life.executor.starts().at(1);
    life.engine.onStarted(startedOf(ran));
    // Nobody hears of it in this life.
    life.executor.connect(false);
    CHECK(life.engine.cancel(first, "enough"));
    CHECK(life.engine.cancel(second, "enough"));
    // As where the disk was full for its end.
    life.database.commit(
        [&](store::WriteSession& session) { store::spawns::requestCancel(session, waited, "enough"); });
  }
  EngineLife life(directory, {.max_running = 2});
  REQUIRE(eventually([&] { return life.engine.living(waited) == nullptr; }));
  auto welcome = welcomeOf("one");
  welcome.running.push_back(startedOf(ran));
  life.engine.onConnected(welcome);
  using Kills = std::vector<std::pair<std::string, std::string>>;
  CHECK(life.executor.kills() == Kills{{ran.nonce, "enough"}});
  REQUIRE(eventually([&] { return life.engine.living(unsent.spawn_uuid) == nullptr; }));
  for (const auto& uuid : {waited, unsent.spawn_uuid}) {
    const auto row = life.engine.find(uuid)->row;
    CHECK(row.status == "cancelled");
    CHECK(row.end->reason == "enough");
    CHECK_FALSE(row.end->started_at);
  }
  CHECK(life.executor.starts().empty());
}

TEST_CASE("reconcile: an end that nobody took is committed and acknowledged") {
  const TempDirectory directory;
  const auto start = leftBehind(directory, true);
  EngineLife life(directory);
  auto welcome = welcomeOf("one");
  welcome.finished.push_back(finishedOf(start));
  life.engine.onConnected(welcome);
  REQUIRE(life.acknowledgedAll(1));
  CHECK(life.engine.find(start.spawn_uuid)->row.status == "completed");
}

TEST_CASE("reconcile: an end that is told twice is committed once and acknowledged twice") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto start = life.executor.starts().at(0);
  life.engine.onFinished(finishedOf(start, 1));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  auto welcome = welcomeOf("one");
  welcome.finished.push_back(finishedOf(start, 2));
  life.engine.onConnected(welcome);
  REQUIRE(life.acknowledgedAll(2));
  CHECK(life.engine.find(start.spawn_uuid)->row.end->exit_code == 1);
}

TEST_CASE("reconcile: what a new spawner does not know was interrupted, and is never run again") {
  const TempDirectory directory;
  const auto start = leftBehind(directory, true);
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("two"));
  REQUIRE(eventually([&] { return life.engine.living(start.spawn_uuid) == nullptr; }));
  const auto row = life.engine.find(start.spawn_uuid)->row;
  CHECK(row.status == "interrupted");
  CHECK(row.end->outcome == "interrupted");
  CHECK_FALSE(row.end->reason.empty());
  CHECK_FALSE(row.pid);
  CHECK(life.executor.starts().empty());
}

TEST_CASE("reconcile: an attempt that the same spawner never saw is started after all") {
  const TempDirectory directory;
  const auto start = leftBehind(directory, false);
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  REQUIRE(life.started(1));
  const auto again = life.executor.starts().at(0);
  CHECK(again.spawn_uuid == start.spawn_uuid);
  CHECK(again.plan.files.at(0).content == start.plan.files.at(0).content);
}

TEST_CASE("reconcile: what waited before the restart is started after it") {
  const TempDirectory directory;
  std::string uuid;
  {
    EngineLife life(directory);
    uuid = life.engine.submit(submissionOf())->row.uuid;  // no spawner yet
  }
  EngineLife life(directory);
  REQUIRE(life.engine.living(uuid));
  life.engine.onConnected(welcomeOf("one"));
  REQUIRE(life.started(1));
  CHECK(life.executor.starts().at(0).spawn_uuid == uuid);
}

TEST_CASE("reconcile: a lost connection to the same spawner settles each task once") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto running = life.engine.submit(submissionOf());
  const auto start = life.executor.starts().at(0);
  life.engine.onStarted(startedOf(start));
  life.engine.onDisconnected("test");
  const auto waiting = life.engine.submit(submissionOf());
  CHECK(life.executor.starts().size() == 1);
  auto welcome = welcomeOf("one");
  welcome.running.push_back(startedOf(start));
  life.engine.onConnected(welcome);
  REQUIRE(life.started(2));
  CHECK(life.executor.starts().at(1).spawn_uuid == waiting->row.uuid);
  CHECK(life.engine.view(running).running);
}

TEST_CASE("reconcile: a daughter that no row knows is killed") {
  const TempDirectory directory;
  EngineLife life(directory);
  auto welcome = welcomeOf("one");
  welcome.running.push_back({"stranger", "uuid", 77, 0, wallNow()});
  life.engine.onConnected(welcome);
  REQUIRE(life.executor.kills().size() == 1);
  CHECK(life.executor.kills()[0].first == "stranger");
}

TEST_CASE("reconcile: rows of another host are left alone") {
  const TempDirectory directory;
  const auto start = leftBehind(directory, true);
  EngineLife life(directory, {}, "host-2");
  life.engine.onConnected(welcomeOf("two"));
  CHECK_FALSE(life.engine.living(start.spawn_uuid));
  CHECK(life.engine.find(start.spawn_uuid)->row.status == "running");
}
