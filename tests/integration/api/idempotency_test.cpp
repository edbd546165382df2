// The header Idempotency-Key: a submission that may be sent again.
#include <future>
#include <memory>
#include <set>

#include "calls.hpp"
#include "catch.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"
#include "write_lock.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

Answer postOnce(const Daemon& daemon, const std::string& key, const Json& task,
                const std::string& query = {}) {
  return daemon.http().post("/vx11/spawn" + query, task, {{"Idempotency-Key", key}});
}

std::string count(const Daemon& daemon, const std::string& table) {
  return SqliteReader(daemon.database()).value("SELECT count(*) FROM " + table);
}

}  // namespace

TEST_CASE("idempotency: sent again, a request gets the same answer, and nothing is run twice") {
  OpenDaemon daemon;
  const auto first = postOnce(daemon, "key-1", shell("echo once"));
  REQUIRE(first.status == 200);
  CHECK(first.headers.count("idempotent-replayed") == 0);
  const auto id = first.text("spawn_id");
  const auto check = [&] {
    const auto again = postOnce(daemon, "key-1", shell("echo once"));
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(again.headers.at("idempotent-replayed") == "true");
    CHECK(again.headers.at("x-correlation-id") == first.headers.at("x-correlation-id"));
  };
  finished(daemon, id);
  check();
  // With ?wait= it brings the result.
  const auto waited = postOnce(daemon, "key-1", shell("echo once"), "?wait=10");
  CHECK(waited.text("stdout") == "once\n");
  CHECK(waited.text("spawn_id") == id);
  // Another key, another task.
  CHECK(postOnce(daemon, "key-2", shell("echo once")).text("spawn_id") != id);
  CHECK(count(daemon, "spawns") == "2");
  // Also where it could not be begun now, and by the next life of the host.
  daemon.http().post("/vx11/window/close", R"({"target":"spawner"})");
  check();
  daemon.kill9();
  daemon.start();
  check();
  CHECK(count(daemon, "spawns") == "2");
}

TEST_CASE("idempotency: while the task runs, another caller waits for the same end") {
  OpenDaemon daemon;
  const auto go = sharedDirectory(daemon) / "go";
  const auto task = shell("(" + waitFor(go) + ")\necho both");
  auto first = std::async(std::launch::async, [&] { return postOnce(daemon, "shared", task, "?wait=60"); });
  REQUIRE(eventually([&] { return count(daemon, "idempotency_keys") == "1"; }));
  CHECK(postOnce(daemon, "shared", task).text("status") == "QUEUED");
  auto second = std::async(std::launch::async, [&] { return postOnce(daemon, "shared", task, "?wait=60"); });
  writeFile(go, "");
  const auto one = first.get();
  const auto other = second.get();
  CHECK(one.text("stdout") == "both\n");
  CHECK(one.body == other.body);
  CHECK(count(daemon, "spawns") == "1");
}

TEST_CASE("idempotency: a key belongs to one body, and what a key may be is said") {
  OpenDaemon daemon;
  const auto task = shell("true");
  postOnce(daemon, "mine", task);
  const auto other = postOnce(daemon, "mine", shell("false"));
  checkProblem(other, 422, "idempotency_mismatch");
  CHECK_THAT(other.text("hint"), Contains("new key"));
  for (const auto& key : {std::string(256, 'k'), std::string(300, 'k'), std::string("a b"), std::string("ñ")})
    checkProblem(postOnce(daemon, key, task), 422, "invalid_field", "Idempotency-Key");
  CHECK(postOnce(daemon, std::string(255, 'k'), task).status == 200);
  CHECK(count(daemon, "spawns") == "2");
}

TEST_CASE("idempotency: what was not accepted leaves the key free") {
  Daemon daemon;
  daemon.start();
  CHECK(postOnce(daemon, "k", shell("echo late")).text("error") == "off_by_policy");
  daemon.openWindow("spawner");
  checkProblem(postOnce(daemon, "k", task("cobol", "x")), 422, "invalid_field", "task_type");
  CHECK(count(daemon, "idempotency_keys") == "0");
  CHECK(postOnce(daemon, "k", shell("echo late"), "?wait=10").text("stdout") == "late\n");
}

TEST_CASE("idempotency: of many callers at once one begins the task, and all are told the same") {
  OpenDaemon daemon;
  std::vector<std::future<Answer>> callers;
  for (int i = 0; i < 16; ++i) {
    callers.push_back(std::async(std::launch::async,
                                 [&] { return postOnce(daemon, "rush", shell("echo x"), "?wait=10"); }));
  }
  std::set<std::string> ids;
  for (auto& caller : callers) {
    auto answer = caller.get();
    while (answer.status == 409) {
      checkProblem(answer, 409, "idempotency_in_flight");
      answer = postOnce(daemon, "rush", shell("echo x"), "?wait=10");
    }
    CHECK(answer.text("stdout") == "x\n");
    ids.insert(answer.text("spawn_id"));
  }
  CHECK(ids.size() == 1);
  CHECK(count(daemon, "spawns") == "1");
}

TEST_CASE("idempotency: as long as a request is being accepted, the same one is 409") {
  OpenDaemon daemon;
  // Nothing is accepted while another process has the write lock.
  auto lock = std::make_unique<WriteLock>(daemon.database());
  std::vector<std::future<Answer>> callers;
  for (int i = 0; i < 2; ++i)
    callers.push_back(
        std::async(std::launch::async, [&] { return postOnce(daemon, "slow", shell("true")); }));
  const auto isReady = [](const std::future<Answer>& caller) {
    return caller.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  REQUIRE(eventually([&] { return isReady(callers[0]) || isReady(callers[1]); }));
  lock.reset();
  auto refused = callers[0].get();
  auto accepted = callers[1].get();
  if (accepted.status != 200) std::swap(refused, accepted);
  checkProblem(refused, 409, "idempotency_in_flight");
  CHECK(refused.headers.at("retry-after") == "1");
  CHECK(accepted.status == 200);
  CHECK(postOnce(daemon, "slow", shell("true")).text("spawn_id") == accepted.text("spawn_id"));
}
