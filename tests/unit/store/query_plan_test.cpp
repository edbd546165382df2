// Each query that a request or a person runs often is served by an index.
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

namespace {

std::string planOf(Database& database, const std::string& sql) {
  std::string plan;
  database.read([&](ReadSession& session) {
    session.runOnce("EXPLAIN QUERY PLAN " + sql, [&](Row& row) {
      row.integer();
      row.integer();
      row.integer();
      plan += row.text() + "\n";
    });
  });
  return plan;
}

}  // namespace

TEST_CASE("query plans: the report's queries and ours use an index and sort nothing") {
  Fixture fixture;
  const std::string sql =
      GENERATE(as<std::string>(),
               // The report's, verbatim.
               "SELECT name, status, pid, exit_code, created_at, started_at, ended_at FROM spawns "
               "WHERE name IN ('spawn-0f4bfb1a', 'spawn-c300c78f', 'spawn-ac44903d');",
               "SELECT * FROM routing_events ORDER BY timestamp DESC LIMIT 20;",
               "SELECT * FROM routing_events WHERE trace_id='7a053f5a-b039-46ff-8220-02402a356e7f'",
               "SELECT * FROM cli_usage_stats ORDER BY timestamp DESC LIMIT 20;",
               // Ours.
               "SELECT * FROM spawns WHERE uuid = 'u'", "SELECT * FROM spawns WHERE name = 'n'",
               "SELECT id FROM spawns WHERE correlation_id = 'c' AND correlation_id <> uuid "
               "ORDER BY id DESC LIMIT 5",
               "SELECT * FROM spawns ORDER BY created_at DESC LIMIT 20",
               "SELECT plan FROM spawn_plans WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = 'u')",
               "SELECT * FROM spawn_attempts WHERE spawn_row = (SELECT id FROM spawns WHERE uuid = 'u') "
               "ORDER BY attempt DESC LIMIT 1",
               "UPDATE spawn_attempts SET outcome = 'o' WHERE "
               "spawn_row = (SELECT id FROM spawns WHERE uuid = 'u') AND nonce = 'n' AND ended_at IS NULL",
               "SELECT * FROM routing_events ORDER BY timestamp DESC, id DESC LIMIT 5",
               "SELECT * FROM cli_usage_stats WHERE trace_id = 'c'",
               "SELECT id, stdout_file FROM spawns WHERE created_at < 't' AND ended_at < 't' ORDER BY "
               "created_at LIMIT 9",
               "DELETE FROM routing_events WHERE trace_id = 'c' AND spawn_uuid = 'u'",
               "SELECT 1 FROM spawns WHERE uuid = 'c' OR (correlation_id = 'c' AND correlation_id <> uuid)");
  const std::string plan = planOf(fixture.database, sql);
  INFO(sql << "\n" << plan);
  CHECK((plan.find("USING INDEX") != std::string::npos || plan.find("PRIMARY KEY") != std::string::npos));
  CHECK(plan.find("TEMP B-TREE") == std::string::npos);
  // "SCAN t USING INDEX" walks in order and stops at the limit; "SCAN t" alone reads the whole table.
  for (size_t at = plan.find("SCAN "); at != std::string::npos; at = plan.find("SCAN ", at + 1)) {
    CHECK(plan.substr(at, plan.find('\n', at) - at).find("USING INDEX") != std::string::npos);
  }
}

TEST_CASE("query plans: the newest spawns are read backwards by id, without an index of their own") {
  Fixture fixture;
  const std::string plan = planOf(fixture.database, "SELECT * FROM spawns ORDER BY id DESC LIMIT 5");
  CHECK(plan.find("TEMP B-TREE") == std::string::npos);
}

TEST_CASE("query plans: finding unfinished rows begins with the small table of their plans") {
  Fixture fixture;
  const std::string plan =
      planOf(fixture.database,
             "SELECT * FROM spawn_plans CROSS JOIN spawns ON spawns.id = spawn_row WHERE host_id = 'h' "
             "AND status IN ('pending', 'running') ORDER BY spawn_row");
  CHECK(plan.find("SCAN spawn_plans") == 0);
  CHECK(plan.find("SEARCH spawns USING INTEGER PRIMARY KEY") != std::string::npos);
  CHECK(plan.find("TEMP B-TREE") == std::string::npos);
}

}  // namespace vx11::store::test
