#include "http/error_response.hpp"

#include <Poco/Exception.h>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "http/log_limit.hpp"

namespace vx11::http {

namespace {

struct Row {
  ErrorCode code;
  int status;
  const char* name;  // stable: clients compare it
  const char* title;
  const char* retry_after = nullptr;  // seconds
};

constexpr Row kTable[] = {
    {ErrorCode::kMalformedJson, 400, "malformed_json", "The body is not the JSON that is wanted"},
    {ErrorCode::kMalformedRequest, 400, "malformed_request", "The request is not well-formed HTTP"},
    {ErrorCode::kAuthRequired, 401, "auth_required", "A token is needed"},
    {ErrorCode::kForbidden, 403, "forbidden", "This is not allowed"},
    {ErrorCode::kOffByPolicy, 403, "off_by_policy", "The window is closed"},
    {ErrorCode::kNotFound, 404, "not_found", "There is no such thing"},
    {ErrorCode::kMethodNotAllowed, 405, "method_not_allowed", "This path has other methods"},
    {ErrorCode::kRequestTimeout, 408, "request_timeout", "The request did not arrive in time"},
    {ErrorCode::kConflict, 409, "conflict", "The state does not allow this"},
    {ErrorCode::kAmbiguousId, 409, "ambiguous_id", "The id belongs to several things"},
    {ErrorCode::kIdempotencyInFlight, 409, "idempotency_in_flight", "The same request is being accepted",
     "1"},
    {ErrorCode::kLengthRequired, 411, "length_required", "The body needs a Content-Length"},
    {ErrorCode::kPayloadTooLarge, 413, "payload_too_large", "The body is too large"},
    {ErrorCode::kUriTooLong, 414, "uri_too_long", "The request target is too long"},
    {ErrorCode::kUnsupportedMediaType, 415, "unsupported_media_type", "The body must be JSON"},
    {ErrorCode::kRangeNotSatisfiable, 416, "range_not_satisfiable", "There are not so many bytes"},
    {ErrorCode::kInvalidField, 422, "invalid_field", "A field cannot be accepted"},
    {ErrorCode::kNotYetSupported, 422, "not_yet_supported", "A field is not served yet"},
    {ErrorCode::kIdempotencyMismatch, 422, "idempotency_mismatch", "The key belongs to another request"},
    {ErrorCode::kInterpreterMissing, 422, "interpreter_missing", "The interpreter is not installed"},
    {ErrorCode::kHeadersTooLarge, 431, "headers_too_large", "The header fields are too large"},
    {ErrorCode::kQueueFull, 503, "queue_full", "The queue is full", "1"},
    {ErrorCode::kUnavailable, 503, "unavailable", "A part of the service is not available", "1"},
    {ErrorCode::kStorage, 503, "storage", "The database cannot be used", "5"},
    {ErrorCode::kHttpVersion, 505, "http_version", "Only HTTP/1.1 and HTTP/1.0 are spoken here"},
    {ErrorCode::kConfiguration, 500, "configuration", "The configuration does not allow this"},
    {ErrorCode::kInternal, 500, "internal", "Something went wrong inside"},
};

const Row& rowOf(ErrorCode code) noexcept {
  for (const auto& row : kTable) {
    if (row.code == code) return row;
  }
  return rowOf(ErrorCode::kInternal);
}

// A client that can make the host fail must not be able to fill the disk with log lines as well.
void logFailure(const Row& row, const std::string& what, const std::string& instance,
                const std::string& correlation_id) {
  static LogLimit limit(20);
  const auto left_out = limit.admit();
  if (!left_out) return;
  log::error("http.failed", {{"trace_id", correlation_id},
                             {"path", instance},
                             {"error", row.name},
                             {"status", row.status},
                             {"reason", what},
                             {"lines_left_out", *left_out}});
}

std::string bodyOf(const Row& row, const Error& error, const std::string& instance,
                   const std::string& correlation_id) {
  // Messages may quote what a client or a program wrote.
  const auto clean = [](const std::string& text) {
    return text::isUtf8(text) ? text : text::escapeInvalidUtf8(text);
  };
  auto body = json::newObject();
  body->set("type", std::string("urn:vx11:error:") + row.name);
  body->set("title", row.title);
  body->set("status", row.status);
  body->set("detail", clean(error.what()));
  body->set("instance", clean(instance));
  body->set("error", row.name);
  body->set("status_code", row.status);
  body->set("correlation_id", correlation_id);
  body->set("timestamp", isoTime(wallNow()));
  if (!error.hint().empty()) body->set("hint", clean(error.hint()));
  if (!error.fields().empty()) {
    Poco::JSON::Array::Ptr errors = new Poco::JSON::Array;
    for (const auto& fault : error.fields()) {
      auto item = json::newObject();
      item->set("field", clean(fault.field));
      item->set("message", clean(fault.message));
      errors->add(item);
    }
    body->set("errors", errors);
  }
  if (!error.matches().empty()) {
    Poco::JSON::Array::Ptr matches = new Poco::JSON::Array;
    for (const auto& match : error.matches()) {
      auto item = json::newObject();
      item->set("kind", match.kind);
      item->set("id", match.id);
      item->set("status", match.status);
      item->set("created_at", match.created_at);
      matches->add(item);
    }
    body->set("matches", matches);
  }
  return json::print(*body);
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Poco::Exception& e) {
    return e.displayText();
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

Response errorResponse(const Error& error, const std::string& instance,
                       const std::string& correlation_id) noexcept {
  const auto& row = rowOf(error.code());
  Response response;
  response.status = row.status;
  try {
    response.content_type = "application/problem+json";
    response.correlation_id = correlation_id;
    response.body = bodyOf(row, error, instance, correlation_id);
    if (row.retry_after != nullptr) response.headers.emplace_back("Retry-After", row.retry_after);
    if (error.code() == ErrorCode::kAuthRequired) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  } catch (...) {
    // Out of memory: the status alone still tells the client what happened.
    response.body.clear();
  }
  return response;
}

Response errorResponse(const std::exception_ptr& failure, const std::string& instance,
                       const std::string& correlation_id) noexcept {
  try {
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      const auto& row = rowOf(error.code());
      if (row.status == 500 || row.status == 503) logFailure(row, error.what(), instance, correlation_id);
      return errorResponse(error, instance, correlation_id);
    } catch (...) {
      logFailure(rowOf(ErrorCode::kInternal), describe(failure), instance, correlation_id);
      const Error internal(ErrorCode::kInternal, "an unexpected failure; the log names its reason");
      return errorResponse(internal, instance, correlation_id);
    }
  } catch (...) {
    Response response;
    response.status = 500;
    return response;
  }
}

const char* errorName(ErrorCode code) noexcept {
  return rowOf(code).name;
}
int errorStatus(ErrorCode code) noexcept {
  return rowOf(code).status;
}

}  // namespace vx11::http
