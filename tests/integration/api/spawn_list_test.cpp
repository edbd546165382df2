// GET /vx11/spawns and GET /vx11/agents.
#include <set>

#include "calls.hpp"
#include "catch.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

struct Page {
  std::vector<std::string> ids;
  std::string next;  // "null" on the last
};

Page page(const Daemon& daemon, const std::string& query) {
  const auto answer = daemon.http().get("/vx11/spawns" + query);
  INFO(query << ": " << answer.body);
  REQUIRE(answer.status == 200);
  Page page;
  const auto list = answer.json()->getArray("spawns");
  for (unsigned i = 0; i < list->size(); ++i)
    page.ids.push_back(list->getObject(i)->getValue<std::string>("spawn_id"));
  page.next = answer.text("next_cursor");
  return page;
}

Json python(const std::string& code) {
  return task("python", code);
}

}  // namespace

TEST_CASE("spawns: newest first, without output, page by page, and what comes meanwhile moves nothing") {
  OpenDaemon daemon;
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) ids.insert(ids.begin(), run(daemon, shell("echo out")).text("spawn_id"));
  const auto whole = daemon.http().get("/vx11/spawns");
  CHECK(whole.text("next_cursor") == "null");
  const auto first = whole.json()->getArray("spawns")->getObject(0);
  CHECK_FALSE(first->has("stdout"));
  CHECK_FALSE(first->has("truncated"));
  CHECK(first->getValue<std::string>("status") == "DONE");
  CHECK(first->getValue<int>("stdout_bytes") == 4);
  // But for that a list tells of a task what its result does.
  auto result = keys(daemon.http().get("/vx11/result/" + ids[0]));
  std::erase_if(result,
                [](const auto& key) { return key == "stdout" || key == "stderr" || key == "truncated"; });
  CHECK(keys(*first) == result);

  std::vector<std::string> paged;
  std::string cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const auto part = page(daemon, "?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    paged.insert(paged.end(), part.ids.begin(), part.ids.end());
    CHECK((part.next == "null") == (pages == 2));
    cursor = part.next;
    run(daemon, shell("echo later"));
  }
  CHECK(paged == ids);
}

TEST_CASE("spawns: by status, type and time") {
  OpenDaemon daemon({{"tasks.max_running", "1"}});
  const auto shared = sharedDirectory(daemon);
  const auto good = run(daemon, shell("true")).text("spawn_id");
  const auto bad = run(daemon, shell("exit 3")).text("spawn_id");
  const auto bad_python = run(daemon, python("raise SystemExit(3)")).text("spawn_id");
  const auto good_python = run(daemon, python("print(1)")).text("spawn_id");
  const auto running = accept(daemon, shell(waitFor(shared / "go")));
  untilRunning(daemon, running);
  const auto waiting = accept(daemon, python("print(2)"));
  using Ids = std::vector<std::string>;
  CHECK(page(daemon, "").ids == Ids{waiting, running, good_python, bad_python, bad, good});
  CHECK(page(daemon, "?status=DONE").ids == Ids{good_python, good});
  CHECK(page(daemon, "?status=error").ids == Ids{bad_python, bad});
  CHECK(page(daemon, "?status=RUNNING").ids == Ids{running});
  CHECK(page(daemon, "?status=QUEUED").ids == Ids{waiting});
  CHECK(page(daemon, "?task_type=python").ids == Ids{waiting, good_python, bad_python});
  CHECK(page(daemon, "?task_type=python&status=DONE").ids == Ids{good_python});
  CHECK(page(daemon, "?task_type=python&status=ERROR").ids == Ids{bad_python});
  CHECK(page(daemon, "?task_type=python&status=QUEUED").ids == Ids{waiting});
  CHECK(page(daemon, "?task_type=python&status=RUNNING").ids == Ids{});
  CHECK(page(daemon, "?task_type=cobol").ids == Ids{});
  const auto since = daemon.http().get("/vx11/result/" + bad_python).text("created_at");
  CHECK(page(daemon, "?since=" + since).ids == Ids{waiting, running, good_python, bad_python});
  CHECK(page(daemon, "?since=" + since + "Z&status=DONE").ids == Ids{good_python});
  CHECK(page(daemon, "?since=" + since.substr(0, 10)).ids.size() >= 1);
  CHECK(page(daemon, "?since=2999-01-01").ids == Ids{});
  // Pages of those that live, too.
  const auto also_waiting = accept(daemon, shell("true"));
  const auto part = page(daemon, "?status=QUEUED&limit=1");
  CHECK(part.ids == Ids{also_waiting});
  const auto rest = page(daemon, "?status=QUEUED&limit=1&cursor=" + part.next);
  CHECK(rest.ids == Ids{waiting});
  CHECK(rest.next == "null");
  writeFile(shared / "go", "");
}

TEST_CASE("spawns: a query that cannot be answered names what to change") {
  OpenDaemon daemon;
  for (int i = 0; i < 2; ++i) run(daemon, shell("true"));
  const auto refused = [&](const std::string& query, const std::string& field) {
    INFO(query);
    const auto answer = daemon.http().get("/vx11/spawns?" + query);
    checkProblem(answer, 422, "invalid_field", field);
    return complaint(answer, field);
  };
  CHECK_THAT(refused("status=LOST", "status"), Contains("QUEUED, RUNNING, DONE or ERROR"));
  for (const char* limit : {"0", "1001", "-1", "x", "1.5", "99999999999999999999"})
    CHECK_THAT(refused(std::string("limit=") + limit, "limit"), Contains("from 1 to 1000"));
  for (const char* time : {"yesterday", "2026-13-01", "2026-02-30", "2026-01-02T25:00:00", "2026-01-02T00:55",
                           "2026-01-02T00:55:49.", "12026-01-02", "2026-01-02%2000:00:00x"})
    CHECK_THAT(refused(std::string("since=") + time, "since"), Contains("must be a time in UTC"));
  for (const char* cursor : {"x", "1.2", "1.2.", "..", "1.x.u", "1.2.a%20b", "1.-9223372036854775808.u",
                             "1.9223372036854775807.u"})
    CHECK_THAT(refused(std::string("cursor=") + cursor, "cursor"), Contains("next_cursor"));
  const auto next = page(daemon, "?limit=1").next;
  CHECK_THAT(refused("status=DONE&cursor=" + next, "cursor"), Contains("other filters"));
  CHECK_THAT(refused("task_type=shell&cursor=" + next, "cursor"), Contains("other filters"));
  refused("order=asc", "order");
  // The length of the page is no filter.
  CHECK(page(daemon, "?limit=5&cursor=" + next).ids.size() == 1);
}

TEST_CASE("agents: the living daughters, and nobody else") {
  OpenDaemon daemon({{"tasks.max_running", "2"}});
  const auto shared = sharedDirectory(daemon);
  auto answer = daemon.http().get("/vx11/agents");
  CHECK(keys(answer) ==
        std::vector<std::string>{"agents", "spawner_available", "timestamp", "total", "window_open"});
  CHECK(answer.text("total") == "0");
  run(daemon, shell("true"));
  std::set<std::string> running;
  for (int i = 0; i < 2; ++i) {
    const auto id = accept(daemon, shell(waitFor(shared / "go")));
    untilRunning(daemon, id);
    running.insert(id);
  }
  accept(daemon, shell("true"));
  answer = daemon.http().get("/vx11/agents");
  CHECK(answer.text("total") == "2");
  CHECK(answer.text("window_open") == "true");
  CHECK(answer.text("spawner_available") == "true");
  const auto agents = answer.json()->getArray("agents");
  REQUIRE(agents->size() == 2);
  std::set<std::string> told;
  for (unsigned i = 0; i < 2; ++i) {
    const auto agent = agents->getObject(i);
    told.insert(agent->getValue<std::string>("spawn_id"));
    const auto result = daemon.http().get("/vx11/result/" + agent->getValue<std::string>("agent_id"));
    CHECK(result.text("spawn_id") == agent->getValue<std::string>("spawn_id"));
    CHECK(result.text("pid") == agent->getValue<std::string>("pid"));
    CHECK(result.text("started_at") == agent->getValue<std::string>("updated_at"));
    CHECK(agent->getValue<std::string>("status") == "RUNNING");
    CHECK(agent->getValue<std::string>("task_type") == "shell");
  }
  CHECK(told == running);
  writeFile(shared / "go", "");
}
