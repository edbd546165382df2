// The request target: what stands between the method and the version.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vx11::http {

struct Target {
  std::string path;                          // percent-decoded UTF-8 without NUL; "*" for OPTIONS *
  std::map<std::string, std::string> query;  // percent-decoded, "+" is a blank
};

// Origin form, absolute form (its authority must be `host`, the value of the Host field) and "*" for OPTIONS.
// Throws Error{kMalformedRequest}: bad percent-encoding, bytes that are not UTF-8, a query name given twice,
// …
Target parseTarget(std::string_view method, std::string_view target, std::string_view host);

}  // namespace vx11::http
