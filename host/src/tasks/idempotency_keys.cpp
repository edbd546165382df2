#include "tasks/idempotency_keys.hpp"

#include "base/error.hpp"
#include "store/database.hpp"
#include "store/idempotency.hpp"

namespace vx11::tasks {

IdempotencyKeys::Hold::~Hold() {
  if (keys_ == nullptr) return;
  const std::lock_guard lock(keys_->mutex_);
  keys_->taken_.erase(key_);
}

bool IdempotencyKeys::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return taken_.insert(key).second;
}

std::variant<std::string, IdempotencyKeys::Hold> IdempotencyKeys::claim(const std::string& key,
                                                                        const std::string& request_hash) {
  // First taken and then looked for: who gets it between the two of another one finds that one's row.
  std::optional<Hold> hold;
  if (take(key)) hold.emplace(*this, key);
  const auto row =
      database_.read([&](store::ReadSession& session) { return store::idempotency::find(session, key); });
  if (row && row->request_hash != request_hash) {
    throw Error(ErrorCode::kIdempotencyMismatch,
                "the Idempotency-Key \"" + key + "\" belongs to a request with another body",
                "send a new key with a new request");
  }
  if (row) return row->spawn_uuid;
  if (!hold) {
    throw Error(ErrorCode::kIdempotencyInFlight,
                "a request with the Idempotency-Key \"" + key + "\" is being accepted at this moment",
                "send it again");
  }
  return std::move(*hold);
}

}  // namespace vx11::tasks
