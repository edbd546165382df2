#include "http/error_response.hpp"

#include <set>

#include "base/json.hpp"
#include "catch.hpp"

using namespace vx11;
using namespace vx11::http;

namespace {

json::ObjectPtr bodyOf(const Response& response) {
  return json::parseObject(response.body);
}

std::string headerOf(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("error response: has the members that clients read") {
  const auto response =
      errorResponse(Error(ErrorCode::kNotFound, "no such id", "look at /vx11/spawns"), "/x", "c-1");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  const auto body = bodyOf(response);
  CHECK(body->getValue<std::string>("type") == "urn:vx11:error:not_found");
  CHECK_FALSE(body->getValue<std::string>("title").empty());
  CHECK(body->getValue<int>("status") == 404);
  CHECK(body->getValue<int>("status_code") == 404);
  CHECK(body->getValue<std::string>("detail") == "no such id");
  CHECK(body->getValue<std::string>("instance") == "/x");
  CHECK(body->getValue<std::string>("error") == "not_found");
  CHECK(body->getValue<std::string>("correlation_id") == "c-1");
  CHECK(body->getValue<std::string>("timestamp").size() == 26);
  CHECK(body->getValue<std::string>("hint") == "look at /vx11/spawns");
  CHECK_FALSE(body->has("errors"));
}

TEST_CASE("error response: names each faulty field") {
  const Error error(ErrorCode::kInvalidField, "2 fields",
                    std::vector<FieldError>{{"code", "must not be empty"}, {"cod", "unknown"}});
  const auto errors = bodyOf(errorResponse(error, "/x", "c"))->getArray("errors");
  REQUIRE(errors->size() == 2);
  CHECK(errors->getObject(0)->getValue<std::string>("field") == "code");
  CHECK(errors->getObject(1)->getValue<std::string>("message") == "unknown");
}

TEST_CASE("error response: the table is complete and its names are stable") {
  const std::vector<std::tuple<ErrorCode, int, std::string>> expected{
      {ErrorCode::kMalformedJson, 400, "malformed_json"},
      {ErrorCode::kMalformedRequest, 400, "malformed_request"},
      {ErrorCode::kAuthRequired, 401, "auth_required"},
      {ErrorCode::kForbidden, 403, "forbidden"},
      {ErrorCode::kOffByPolicy, 403, "off_by_policy"},
      {ErrorCode::kNotFound, 404, "not_found"},
      {ErrorCode::kMethodNotAllowed, 405, "method_not_allowed"},
      {ErrorCode::kRequestTimeout, 408, "request_timeout"},
      {ErrorCode::kConflict, 409, "conflict"},
      {ErrorCode::kAmbiguousId, 409, "ambiguous_id"},
      {ErrorCode::kIdempotencyInFlight, 409, "idempotency_in_flight"},
      {ErrorCode::kLengthRequired, 411, "length_required"},
      {ErrorCode::kPayloadTooLarge, 413, "payload_too_large"},
      {ErrorCode::kUriTooLong, 414, "uri_too_long"},
      {ErrorCode::kUnsupportedMediaType, 415, "unsupported_media_type"},
      {ErrorCode::kRangeNotSatisfiable, 416, "range_not_satisfiable"},
      {ErrorCode::kIdempotencyMismatch, 422, "idempotency_mismatch"},
      {ErrorCode::kInvalidField, 422, "invalid_field"},
      {ErrorCode::kNotYetSupported, 422, "not_yet_supported"},
      {ErrorCode::kInterpreterMissing, 422, "interpreter_missing"},
      {ErrorCode::kHeadersTooLarge, 431, "headers_too_large"},
      {ErrorCode::kConfiguration, 500, "configuration"},
      {ErrorCode::kInternal, 500, "internal"},
      {ErrorCode::kQueueFull, 503, "queue_full"},
      {ErrorCode::kUnavailable, 503, "unavailable"},
      {ErrorCode::kStorage, 503, "storage"},
      {ErrorCode::kHttpVersion, 505, "http_version"},
  };
  CHECK(expected.size() == static_cast<size_t>(ErrorCode::kInternal) + 1);
  for (const auto& [code, status, name] : expected) {
    CHECK(errorStatus(code) == status);
    CHECK(errorName(code) == name);
    const auto response = errorResponse(Error(code, "x"), "", "");
    CHECK(response.status == status);
    const bool passes = status == 503 || code == ErrorCode::kIdempotencyInFlight;
    CHECK(headerOf(response, "Retry-After").empty() == !passes);
  }
  CHECK(headerOf(errorResponse(Error(ErrorCode::kAuthRequired, "x"), "", ""), "WWW-Authenticate") ==
        "Bearer");
}

TEST_CASE("error response: the text of an unexpected failure stays inside") {
  const auto failure = std::make_exception_ptr(std::runtime_error("password=hunter2"));
  const auto response = errorResponse(failure, "/x", "c-1");
  CHECK(response.status == 500);
  CHECK(response.body.find("hunter2") == std::string::npos);
  CHECK(bodyOf(response)->getValue<std::string>("error") == "internal");
  CHECK(errorResponse(std::make_exception_ptr(42), "/x", "c").status == 500);
  CHECK(errorResponse(std::make_exception_ptr(Error(ErrorCode::kConflict, "x")), "/x", "c").status == 409);
}

TEST_CASE("error response: text that is not UTF-8 does not make the answer invalid") {
  const auto body = bodyOf(errorResponse(Error(ErrorCode::kConflict, "bad \xff byte"), "/\xff", "c"));
  CHECK(body->getValue<std::string>("detail") == "bad \\xff byte");
}
