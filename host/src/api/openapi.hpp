// GET /openapi.json: the API as a document for machines, out of the table of calls.
#pragma once

#include <string>
#include <vector>

#include "api/call.hpp"

namespace vx11::api {

// OpenAPI 3.1.0 (spec.openapis.org/oas/v3.1.0), as JSON text.
std::string openApi(const std::vector<Call>& calls, const std::string& version);

}  // namespace vx11::api
