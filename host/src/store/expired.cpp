#include "store/expired.hpp"

#include "store/session.hpp"

namespace vx11::store::expired {

std::vector<ExpiredSpawn> find(ReadSession& session, WallTime before, int limit) {
  std::vector<ExpiredSpawn> found;
  // By the time of creation, which has an index. Who was created before and still lives, or ended since, is
  // passed over: there are few of those.
  session.query(
      "SELECT id, uuid, correlation_id, stdout_file, stderr_file FROM spawns "
      "WHERE created_at < ? AND ended_at < ? ORDER BY created_at LIMIT ?",
      {before, before, limit}, [&](Row& row) {
        auto& spawn = found.emplace_back();
        spawn.id = row.integer();
        spawn.uuid = row.text();
        spawn.correlation_id = row.text();
        spawn.out_file = row.text();
        spawn.err_file = row.text();
      });
  return found;
}

void remove(WriteSession& session, const ExpiredSpawn& spawn) {
  session.run("DELETE FROM routing_events WHERE trace_id = ? AND spawn_uuid = ?",
              {spawn.correlation_id, spawn.uuid});
  session.run("DELETE FROM spawns WHERE id = ?", {spawn.id});
  session.run(
      "DELETE FROM cli_usage_stats WHERE trace_id = ? AND NOT EXISTS "
      "(SELECT 1 FROM spawns WHERE uuid = ? OR (correlation_id = ? AND correlation_id <> uuid))",
      {spawn.correlation_id, spawn.correlation_id, spawn.correlation_id});
}

}  // namespace vx11::store::expired
