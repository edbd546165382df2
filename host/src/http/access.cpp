#include "http/access.hpp"

#include <algorithm>

#include <Poco/String.h>

#include "base/error.hpp"

namespace vx11::http {

namespace {

// "[::1]:8000" and "localhost:8000" without the port.
std::string nameOf(const std::string& host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.find(':', bracket == std::string::npos ? 0 : bracket);
  return host.substr(0, colon);
}

}  // namespace

std::string_view tokenOf(const Request& request) {
  if (const auto* const token = request.header("x-vx11-token")) return *token;
  const auto* const authorization = request.header("authorization");
  constexpr std::string_view kBearer = "bearer ";
  if (authorization == nullptr || authorization->size() <= kBearer.size()) return {};
  if (Poco::icompare(authorization->substr(0, kBearer.size()), std::string(kBearer)) != 0) return {};
  std::string_view token = std::string_view(*authorization).substr(kBearer.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token;
}

void checkHostAndOrigin(const Request& request, const std::vector<std::string>& allowed) {
  const auto* const host = request.header("host");
  if (host != nullptr) {
    const auto name = nameOf(*host);
    if (std::none_of(allowed.begin(), allowed.end(),
                     [&](const std::string& known) { return Poco::icompare(known, name) == 0; })) {
      throw Error(ErrorCode::kForbidden, "the Host \"" + name + "\" is not one that this door answers to",
                  "use http://localhost or add the name to http.allowed_hosts");
    }
  }
  const auto* const origin = request.header("origin");
  if (origin != nullptr && (host == nullptr || Poco::icompare(*origin, "http://" + *host) != 0)) {
    throw Error(ErrorCode::kForbidden, "pages of another origin may not call this door");
  }
}

}  // namespace vx11::http
