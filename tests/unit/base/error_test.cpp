#include "base/error.hpp"

#include "catch.hpp"

using namespace vx11;

TEST_CASE("error: carries its code with a hint or with the faulty fields") {
  const Error hinted(ErrorCode::kConflict, "already finished", "look at /vx11/result");
  CHECK(hinted.code() == ErrorCode::kConflict);
  CHECK(std::string(hinted.what()) == "already finished");
  CHECK(hinted.hint() == "look at /vx11/result");
  CHECK(hinted.fields().empty());

  const Error faulty(ErrorCode::kInvalidField, "one field",
                     std::vector<FieldError>{{"code", "must not be empty"}});
  REQUIRE(faulty.fields().size() == 1);
  CHECK(faulty.fields()[0].field == "code");
  CHECK(faulty.hint().empty());
}
