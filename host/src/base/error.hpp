// The one exception type of the host, and the codes that the wire knows.
//
// Throw Error where a request, a configuration or a call cannot be served; http/error_response is the only
// place that turns a code into an HTTP status. "Not there" that is normal is std::optional, not an Error.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace vx11 {

enum class ErrorCode {
  kMalformedJson,
  kMalformedRequest,
  kAuthRequired,
  kForbidden,
  kNotFound,
  kMethodNotAllowed,
  kConflict,
  kAmbiguousId,
  kIdempotencyInFlight,
  kIdempotencyMismatch,
  kLengthRequired,
  kPayloadTooLarge,
  kUriTooLong,
  kUnsupportedMediaType,
  kRangeNotSatisfiable,
  kHeadersTooLarge,
  kRequestTimeout,
  kHttpVersion,
  kInvalidField,
  kNotYetSupported,
  kInterpreterMissing,
  kOffByPolicy,
  kQueueFull,
  kUnavailable,
  kStorage,
  kConfiguration,
  kInternal,
};

// One field of a request that cannot be accepted, and what to change.
struct FieldError {
  std::string field;    // as the user wrote it, nested names joined by dots: "files[1].name"
  std::string message;  // a sentence that says what to change
};

// One of several things that an id may mean.
struct IdMatch {
  std::string kind;  // spawn, intent
  std::string id;
  std::string status;      // of the wire: QUEUED, RUNNING, DONE, ERROR
  std::string created_at;  // ISO 8601
};

class Error : public std::runtime_error {
 public:
  // `message` is a sentence for people; it never holds a secret, for it travels to clients and logs.
  Error(ErrorCode code, const std::string& message, std::string hint = {})
      : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}
  Error(ErrorCode code, const std::string& message, std::vector<FieldError> fields)
      : std::runtime_error(message), code_(code), fields_(std::move(fields)) {}

  Error(ErrorCode code, const std::string& message, std::vector<IdMatch> matches)
      : std::runtime_error(message), code_(code), matches_(std::move(matches)) {}

  ErrorCode code() const { return code_; }
  const std::string& hint() const { return hint_; }  // something to type or to change; may be empty
  const std::vector<FieldError>& fields() const { return fields_; }
  const std::vector<IdMatch>& matches() const { return matches_; }

 private:
  ErrorCode code_;
  std::string hint_;
  std::vector<FieldError> fields_;
  std::vector<IdMatch> matches_;
};

}  // namespace vx11
