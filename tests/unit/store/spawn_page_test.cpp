#include "store/spawn_page.hpp"

#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

using Uuids = std::vector<std::string>;

// A thousand tasks a microsecond apart, by threes of the same time; every tenth failed, every hundredth of
// another type.
class Ground : public Fixture {
 public:
  Ground() {
    database.commit([&](WriteSession& session) {
      for (int i = 0; i < 1000; ++i) {
        auto row = sampleSpawn();
        row.created_at = wallFromMicros(1'767'315'349'000'000 + i / 3);
        row.task_type = i % 100 == 7 ? "bash" : "python";
        spawns::insert(session, row);
        auto end = sampleEnd();
        end.status = i % 10 == 0 ? spawn_status::kTimeout : spawn_status::kCompleted;
        if (i < 995) spawns::finish(session, row.uuid, end);
      }
    });
  }

  Uuids expected(const std::string& condition) {
    Uuids uuids;
    database.read([&](ReadSession& session) {
      session.runOnce("SELECT uuid FROM spawns WHERE " + condition + " ORDER BY created_at DESC, uuid DESC",
                      [&](Row& row) { uuids.push_back(row.text()); });
    });
    return uuids;
  }

  Uuids paged(int limit, spawns::Ended ended, const std::string& task_type = {}, WallTime since = {}) {
    spawns::Page page;
    page.limit = limit;
    page.ended = ended;
    page.task_type = task_type;
    page.since = since;
    Uuids uuids;
    for (;;) {
      const auto rows = database.read([&](ReadSession& session) { return spawns::page(session, page); });
      for (const auto& row : rows) {
        uuids.push_back(row.uuid);
        if (row.end) CHECK((row.end->out.empty() && row.end->out_bytes == 6'000'000'000));
      }
      CHECK(rows.size() <= static_cast<size_t>(page.limit));
      if (rows.size() < static_cast<size_t>(page.limit)) return uuids;
      page.before = spawns::Position{rows.back().created_at, rows.back().uuid};
    }
  }
};

}  // namespace

TEST_CASE("spawn pages: each row is on one page, in order, whatever is asked for") {
  using spawns::Ended;
  Ground ground;
  const std::string failed = "status NOT IN ('pending', 'running', 'completed')";
  for (const int limit : {7, 100, 1000}) {
    CAPTURE(limit);
    CHECK(ground.paged(limit, Ended::kAny) == ground.expected("1"));
    CHECK(ground.paged(limit, Ended::kFailed) == ground.expected(failed));
    CHECK(ground.paged(limit, Ended::kCompleted) == ground.expected("status = 'completed'"));
    CHECK(ground.paged(limit, Ended::kAny, "bash") == ground.expected("task_type = 'bash'"));
    CHECK(ground.paged(limit, Ended::kFailed, "python") ==
          ground.expected("task_type = 'python' AND " + failed));
    CHECK(ground.paged(limit, Ended::kCompleted, "bash") ==
          ground.expected("task_type = 'bash' AND status = 'completed'"));
    CHECK(ground.paged(limit, Ended::kAny, "", wallFromMicros(1'767'315'349'000'300)) ==
          ground.expected("created_at >= '2026-01-02 00:55:49.000300'"));
  }
}

}  // namespace vx11::store::test
