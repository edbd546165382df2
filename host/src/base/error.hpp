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
  kLengthRequired,
  kPayloadTooLarge,
  kUriTooLong,
  kUnsupportedMediaType,
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

class Error : public std::runtime_error {
 public:
  // `message` is a sentence for people; it never holds a secret, for it travels to clients and logs.
  Error(ErrorCode code, const std::string& message, std::string hint = {})
      : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}
  Error(ErrorCode code, const std::string& message, std::vector<FieldError> fields)
      : std::runtime_error(message), code_(code), fields_(std::move(fields)) {}

  ErrorCode code() const { return code_; }
  const std::string& hint() const { return hint_; }  // something to type or to change; may be empty
  const std::vector<FieldError>& fields() const { return fields_; }

 private:
  ErrorCode code_;
  std::string hint_;
  std::vector<FieldError> fields_;
};

}  // namespace vx11
