// The parts of /openapi.json that no table knows: bodies and answers.
#pragma once

namespace vx11::api {

// The object `components`, and {"security":[…]}, as JSON text.
extern const char* const kComponents;
extern const char* const kSecurity;

}  // namespace vx11::api
