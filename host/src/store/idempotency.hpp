// Table idempotency_keys: which spawn was accepted under a caller's key, written in the accepting commit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace vx11::store {

class WriteSession;
class ReadSession;

struct IdempotencyRow {
  std::string key;
  std::string request_hash;  // of the body as it was sent
  std::string spawn_uuid;
  WallTime created_at;
};

namespace idempotency {

// Throws Error{kConflict} where the key is taken. Drops two keys that are older than a day, so that the table
// never grows beyond a day's.
void insert(WriteSession& session, const IdempotencyRow& row);
std::optional<IdempotencyRow> find(ReadSession& session, std::string_view key);

}  // namespace idempotency
}  // namespace vx11::store
