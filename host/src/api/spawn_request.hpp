// The body of POST /vx11/spawn: from JSON to a Submission, every fault named at once.
#pragma once

#include "base/json.hpp"
#include "tasks/submission.hpp"

namespace vx11::api {

// Throws Error{kInvalidField} for what is wrong, Error{kNotYetSupported} for what is right but not served
// yet. `header_correlation_id` is used where the body has none; empty: none was given.
tasks::Submission decodeSubmission(const json::ObjectPtr& body, const std::string& header_correlation_id,
                                   json::UnknownFields unknown);

// For answers that are made before the body is checked: its correlation id and its task_type where they could
// be ones, else empty.
std::string correlationIdOf(const json::ObjectPtr& body);
std::string taskTypeOf(const json::ObjectPtr& body);

}  // namespace vx11::api
