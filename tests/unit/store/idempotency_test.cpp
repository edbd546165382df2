#include "store/idempotency.hpp"

#include "base/error.hpp"
#include "catch.hpp"
#include "fixture.hpp"

namespace vx11::store::test {

TEST_CASE("idempotency keys: each is taken once") {
  Fixture fixture;
  const IdempotencyRow row{"key", "hash", "uuid", wallFromMicros(1'767'315'349'253'550)};
  fixture.database.commit([&](WriteSession& session) { idempotency::insert(session, row); });
  const auto find = [&](const std::string& key) {
    return fixture.database.read([&](ReadSession& session) { return idempotency::find(session, key); });
  };
  const auto found = find("key");
  REQUIRE(found);
  CHECK(found->request_hash == "hash");
  CHECK(found->spawn_uuid == "uuid");
  CHECK(found->created_at == row.created_at);
  CHECK_FALSE(find("KEY"));
  try {
    fixture.database.commit([&](WriteSession& session) { idempotency::insert(session, row); });
    FAIL("taken twice");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kConflict);
  }
}

TEST_CASE("idempotency keys: a day's are kept, and no more for long") {
  Fixture fixture;
  const auto begin = wallFromMicros(1'767'315'349'253'550);
  // One an hour for ten days.
  for (int hour = 0; hour < 240; ++hour) {
    const auto now = begin + std::chrono::hours(hour);
    fixture.database.commit([&](WriteSession& session) {
      idempotency::insert(session, {"key" + std::to_string(hour), "h", "u", now});
    });
    const auto kept = std::stoi(fixture.ask("SELECT count(*) FROM idempotency_keys"));
    CHECK(kept == std::min(hour + 1, 25));
  }
  CHECK(fixture.ask("SELECT min(created_at) FROM idempotency_keys") ==
        sqlTime(begin + std::chrono::hours(215)));
}

}  // namespace vx11::store::test
