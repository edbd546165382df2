#include "store/idempotency.hpp"

#include "store/session.hpp"

namespace vx11::store::idempotency {

namespace {

constexpr std::chrono::hours kKept{24};

}  // namespace

void insert(WriteSession& session, const IdempotencyRow& row) {
  session.run(
      "DELETE FROM idempotency_keys WHERE key IN "
      "(SELECT key FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT 2)",
      {row.created_at - kKept});
  session.run("INSERT INTO idempotency_keys (key, request_hash, spawn_uuid, created_at) VALUES (?,?,?,?)",
              {row.key, row.request_hash, row.spawn_uuid, row.created_at});
}

std::optional<IdempotencyRow> find(ReadSession& session, std::string_view key) {
  std::optional<IdempotencyRow> found;
  session.query("SELECT key, request_hash, spawn_uuid, created_at FROM idempotency_keys WHERE key = ?", {key},
                [&](Row& row) {
                  found.emplace();
                  found->key = row.text();
                  found->request_hash = row.text();
                  found->spawn_uuid = row.text();
                  found->created_at = row.time();
                });
  return found;
}

}  // namespace vx11::store::idempotency
