// Submissions that callers may send again without fear: one key, one task.
//
// The header and its answers follow the IETF draft "The Idempotency-Key HTTP Header Field"
// (draft-ietf-httpapi-idempotency-key-header).
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <variant>

namespace vx11::store {
class Database;
}

namespace vx11::tasks {

// Thread-safe. The database must outlive it.
class IdempotencyKeys {
 public:
  explicit IdempotencyKeys(store::Database& database) : database_(database) {}

  // As long as it lives nobody else gets the same key.
  class Hold {
   public:
    Hold(IdempotencyKeys& keys, std::string key) : keys_(&keys), key_(std::move(key)) {}
    Hold(Hold&& other) noexcept : keys_(other.keys_), key_(std::move(other.key_)) { other.keys_ = nullptr; }
    Hold& operator=(Hold&&) = delete;
    ~Hold();

   private:
    IdempotencyKeys* keys_;
    std::string key_;
  };

  // The uuid of the spawn that was accepted under `key`, or the right to submit under it. Throws Error:
  // kIdempotencyMismatch where that was another request, kIdempotencyInFlight where another caller has that
  // right now, kStorage.
  std::variant<std::string, Hold> claim(const std::string& key, const std::string& request_hash);

 private:
  bool take(const std::string& key);

  store::Database& database_;
  std::mutex mutex_;
  std::set<std::string> taken_;
};

}  // namespace vx11::tasks
