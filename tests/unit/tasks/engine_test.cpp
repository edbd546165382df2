#include "tasks/engine.hpp"

#include <atomic>
#include <future>
#include <thread>

#include "base/error.hpp"
#include "catch.hpp"
#include "engine_fixture.hpp"
#include "store/attempts.hpp"
#include "store/evidence.hpp"

using namespace vx11;
using namespace vx11::test;
using Catch::Contains;

TEST_CASE("engine: an accepted task is started at once when a slot is free") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto starts = life.executor.starts();
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].spawn_uuid == task->row.uuid);
  CHECK(starts[0].correlation_id == task->row.uuid);
  CHECK(starts[0].plan.program == "/bin/sh");
  const auto attempt = life.database.read(
      [&](store::ReadSession& session) { return store::attempts::latest(session, task->row.uuid); });
  REQUIRE(attempt);
  CHECK(attempt->nonce == starts[0].nonce);
  CHECK(attempt->status == "starting");
  CHECK(attempt->executor_instance == "one");
}

TEST_CASE("engine: the end is committed before a waiter hears of it, and acknowledged after") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto start = life.executor.starts().at(0);
  life.engine.onStarted(startedOf(start));
  CHECK(life.engine.view(task).running);
  CHECK(life.engine.view(task).row.pid == 100);
  life.engine.onFinished(finishedOf(start));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  const auto found = life.engine.find(task->row.name);
  REQUIRE(found);
  REQUIRE(found->row.end);
  CHECK(found->row.status == "completed");
  CHECK(found->row.end->out == "out");
  CHECK_FALSE(found->row.pid);
  CHECK(life.acknowledgedAll(1));
}

TEST_CASE("engine: what was looked at can be waited for, though it ends and is forgotten before the wait") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto uuid = life.engine.submit(submissionOf())->row.uuid;
  const auto start = life.executor.starts().at(0);
  life.engine.onStarted(startedOf(start));
  const auto looked = life.engine.find(uuid);
  REQUIRE(looked);
  CHECK_FALSE(looked->row.end);
  REQUIRE(looked->task);
  life.engine.onFinished(finishedOf(start));
  REQUIRE(eventually([&] { return life.engine.living(uuid) == nullptr; }));
  CHECK(life.engine.waitEnded(looked->task, monoNow()));
  CHECK(life.engine.view(looked->task).row.end);
  CHECK_FALSE(life.engine.find(uuid)->task);
}

TEST_CASE("engine: each spawn leaves its routing event and usage row under its correlation id") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  auto submission = submissionOf();
  submission.correlation_id = "cid-1";
  const auto task = life.engine.submit(submission);
  const auto events = life.database.read(
      [](store::ReadSession& session) { return store::evidence::newestRoutingEvents(session, 5); });
  REQUIRE(events.size() == 1);
  CHECK(events[0].trace_id == "cid-1");
  CHECK(events[0].route_type == "spawn");
  CHECK(events[0].provider_id == "spawner");
  CHECK(events[0].score == 1.0);
  CHECK(events[0].reasoning_short == "Daughter spawn: " + task->row.name);
}

TEST_CASE("engine: beyond max_running tasks wait in order, and start when a slot is free") {
  const TempDirectory directory;
  EngineLife life(directory, {.max_running = 1});
  life.engine.onConnected(welcomeOf("one"));
  const auto first = life.engine.submit(submissionOf());
  const auto second = life.engine.submit(submissionOf());
  const auto third = life.engine.submit(submissionOf());
  CHECK_THAT(life.engine.view(second).queue_reason, Contains("tasks.max_running = 1"));
  life.engine.onFinished(finishedOf(life.executor.starts().at(0)));
  REQUIRE(life.started(2));
  CHECK(life.executor.starts().at(1).spawn_uuid == second->row.uuid);
  life.engine.onFinished(finishedOf(life.executor.starts().at(1)));
  REQUIRE(life.started(3));
  CHECK(life.executor.starts().at(2).spawn_uuid == third->row.uuid);
}

TEST_CASE("engine: a full queue refuses, and loses nothing of what it took") {
  const TempDirectory directory;
  EngineLife life(directory, {.max_running = 1, .max_queued = 1});
  life.engine.onConnected(welcomeOf("one"));
  life.engine.submit(submissionOf());
  life.engine.submit(submissionOf());
  try {
    life.engine.submit(submissionOf());
    FAIL("accepted beyond the limit");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kQueueFull);
  }
  const auto load = life.engine.load();
  CHECK(load.running == 1);
  CHECK(load.queued == 1);
}

TEST_CASE("engine: what waits longer than the queue's ttl ends as timeout without having run") {
  const TempDirectory directory;
  EngineLife life(directory, {.queue_ttl = std::chrono::seconds(1)});
  const auto task = life.engine.submit(submissionOf());  // no spawner: it waits
  CHECK_THAT(life.engine.view(task).queue_reason, Contains("the test says so"));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  const auto end = *life.engine.view(task).row.end;
  CHECK(end.outcome == "timeout");
  CHECK_FALSE(end.started_at);
  CHECK_THAT(end.reason, Contains("queue_ttl_seconds"));
  CHECK(life.executor.starts().empty());
}

TEST_CASE("engine: a refusal that passes is tried again with a new nonce and the same attempt number") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto first = life.executor.starts().at(0);
  life.engine.onRefused({first.nonce, first.spawn_uuid, true, "no free user id"});
  REQUIRE(life.started(2));
  const auto second = life.executor.starts().at(1);
  CHECK(second.spawn_uuid == first.spawn_uuid);
  CHECK(second.nonce != first.nonce);
  life.engine.onFinished(finishedOf(second));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  const auto row = life.engine.find(task->row.uuid)->row;
  CHECK(row.attempt == 1);
  CHECK(row.end->outcome == "succeeded");
}

TEST_CASE("engine: a refusal for good ends the task with the spawner's sentence") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  const auto start = life.executor.starts().at(0);
  life.engine.onRefused({start.nonce, start.spawn_uuid, false, "it is broken"});
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  CHECK(life.engine.view(task).row.end->outcome == "spawn_error");
  CHECK(life.engine.view(task).row.end->reason == "it is broken");
}

TEST_CASE("engine: a cancel that comes while the start is on its way still ends it") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  auto submission = submissionOf();
  submission.correlation_id = "mine";
  bool cancelled = false;
  std::thread canceller;
  life.executor.during_start = [&] {
    canceller = std::thread([&] {
      const auto task = life.engine.living(life.engine.findByCorrelation("mine", 1).at(0).row.uuid);
      cancelled = life.engine.cancel(task, "changed my mind");
    });
  };
  const auto task = life.engine.submit(submission);
  canceller.join();
  CHECK(cancelled);
  const auto start = life.executor.starts().at(0);
  CHECK(life.executor.kills().back() == std::pair(start.nonce, std::string("changed my mind")));
  life.engine.onFinished(finishedOf(start));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  CHECK_FALSE(life.engine.cancel(task, "too late"));
}

TEST_CASE("engine: a retry is another attempt with a nonce of its own, and waits for the same end") {
  const TempDirectory directory;
  EngineLife life(directory, {.retry_delay = std::chrono::milliseconds(0)});
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf("echo hi", 1));
  const auto first = life.executor.starts().at(0);
  life.engine.onStarted(startedOf(first));
  life.engine.onFinished(finishedOf(first, 1));
  REQUIRE(life.started(2));
  REQUIRE(life.acknowledgedAll(1));
  const auto second = life.executor.starts().at(1);
  CHECK(second.nonce != first.nonce);
  CHECK(second.spawn_uuid == first.spawn_uuid);
  CHECK_FALSE(life.engine.view(task).row.end);
  // Told again, as after a lost acknowledgement: it is the end of an attempt that is over.
  life.engine.onFinished(finishedOf(first, 1));
  REQUIRE(life.acknowledgedAll(2));
  CHECK_FALSE(life.engine.view(task).row.end);
  life.engine.onFinished(finishedOf(second, 2));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  const auto row = life.engine.view(task).row;
  CHECK(row.end->exit_code == 2);
  CHECK(row.attempt == 2);
  CHECK(life.engine.load().running == 0);
  CHECK(life.engine.load().queued == 0);
}

TEST_CASE("engine: a cancel that comes while a failed attempt is committed leaves no retry") {
  const TempDirectory directory;
  EngineLife life(directory, {.retry_delay = std::chrono::milliseconds(0)});
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf("echo hi", 1));
  // The writer is busy until the cancel has come.
  std::promise<void> reached;
  std::promise<void> go_on;
  life.database.submit(
      [&](store::WriteSession&) {
        reached.set_value();
        go_on.get_future().wait();
      },
      [](std::exception_ptr) {});
  reached.get_future().wait();
  life.engine.onFinished(finishedOf(life.executor.starts().at(0), 1));
  bool cancelled = false;
  std::thread canceller([&] { cancelled = life.engine.cancel(task, "enough"); });
  REQUIRE(eventually([&] { return !life.engine.view(task).row.cancel_reason.empty(); }));
  go_on.set_value();
  canceller.join();
  CHECK(cancelled);
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  CHECK(life.engine.view(task).row.end->outcome == "cancelled");
  CHECK(life.executor.starts().size() == 1);
  CHECK(life.engine.load().queued == 0);
}

TEST_CASE("engine: cancelling all ends what waits at once and kills what runs") {
  const TempDirectory directory;
  EngineLife life(directory, {.max_running = 1});
  life.engine.onConnected(welcomeOf("one"));
  const auto running = life.engine.submit(submissionOf());
  const auto waiting = life.engine.submit(submissionOf());
  life.engine.cancelAll("the window closed");
  REQUIRE(life.engine.waitEnded(waiting, monoNow() + kDeadline));
  CHECK(life.engine.view(waiting).row.end->outcome == "cancelled");
  const auto kills = life.executor.kills();
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].first == life.executor.starts().at(0).nonce);
  CHECK(kills[0].second == "the window closed");
}

TEST_CASE("engine: cancelling all also meets what was allowed before and accepted after it") {
  const TempDirectory directory;
  EngineLife life(directory, {.max_running = 1});
  life.engine.onConnected(welcomeOf("one"));
  auto submission = submissionOf();
  submission.cancellations = life.engine.cancellations();
  life.engine.cancelAll("the window closed");
  for (int i = 0; i < 2; ++i) {
    const auto task = life.engine.submit(submission);
    REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
    CHECK(life.engine.view(task).row.end->outcome == "cancelled");
    CHECK(life.engine.view(task).row.end->reason == "the window closed");
  }
  CHECK(life.executor.starts().empty());
  CHECK(life.engine.load().running == 0);
}

TEST_CASE("engine: a start that breaks off is sent once more, to whichever spawner comes up meanwhile") {
  const auto* const instance = GENERATE("one", "two");
  const TempDirectory directory;
  EngineLife life(directory, {.max_running = 2});
  life.engine.onConnected(welcomeOf("one"));
  std::thread client;
  std::atomic<bool> is_up = false;
  life.executor.during_start = [&] {
    life.executor.expectConnection(2);
    client = std::thread([&] {
      life.engine.onDisconnected("it blinked");
      auto again = welcomeOf(instance);
      again.connection = 2;
      life.engine.onConnected(again);
      is_up = true;
    });
    // It is to wait for us; one that does not gets the time to do its worst.
    eventually([&] { return is_up.load(); }, std::chrono::milliseconds(100));
  };
  const auto task = life.engine.submit(submissionOf());
  client.join();
  REQUIRE(eventually([&] { return life.executor.starts().size() == 1; }));
  life.engine.onStarted(startedOf(life.executor.starts().at(0)));
  CHECK(life.engine.load().running == 1);
  CHECK(life.engine.load().queued == 0);
  life.engine.onFinished(finishedOf(life.executor.starts().at(0)));
  REQUIRE(life.engine.waitEnded(task, monoNow() + kDeadline));
  CHECK(life.engine.view(task).row.end->outcome == "succeeded");
  CHECK(life.engine.load().running == 0);
  CHECK(life.executor.starts().size() == 1);
}

TEST_CASE("engine: an attempt whose row could not be removed does not keep its task from starting") {
  const TempDirectory directory;
  EngineLife life(directory);
  const auto task = life.engine.submit(submissionOf());  // no spawner: it waits
  life.database.commit([&](store::WriteSession& session) {
    store::AttemptRow left;
    left.spawn_uuid = task->row.uuid;
    left.attempt = 1;
    left.nonce = "left";
    left.host_id = task->row.host_id;
    left.executor = "local";
    left.boot_id = "b";
    left.status = "starting";
    left.created_at = wallNow();
    store::attempts::insert(session, left);
  });
  life.engine.onConnected(welcomeOf("one"));
  CHECK(eventually([&] { return life.executor.starts().size() == 1; }));
}

TEST_CASE("engine: draining refuses new tasks and lets waiters go") {
  const TempDirectory directory;
  EngineLife life(directory);
  life.engine.onConnected(welcomeOf("one"));
  const auto task = life.engine.submit(submissionOf());
  life.engine.drain();
  CHECK_FALSE(life.engine.waitEnded(task, monoNow() + std::chrono::hours(1)));
  CHECK_THROWS_AS(life.engine.submit(submissionOf()), Error);
}

TEST_CASE("engine: an unknown task type leaves no row and lists what there is") {
  const TempDirectory directory;
  EngineLife life(directory);
  auto submission = submissionOf();
  submission.task_type = "pyton";
  try {
    life.engine.submit(submission);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidField);
    REQUIRE(error.fields().size() == 1);
    CHECK(error.fields()[0].field == "task_type");
    CHECK_THAT(error.fields()[0].message,
               Contains("bash, python, shell") && Contains("did you mean python?"));
  }
  CHECK(life.database.read([](store::ReadSession& session) { return store::spawns::newest(session, 1); })
            .empty());
}
