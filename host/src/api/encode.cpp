#include "api/encode.hpp"

#include <algorithm>
#include <charconv>

namespace vx11::api {

namespace {

constexpr int kMaxWaitSeconds = 60;

}  // namespace

http::Response answer(const json::ObjectPtr& body, std::string correlation_id) {
  http::Response response;
  response.body = json::print(*body);
  response.correlation_id = std::move(correlation_id);
  return response;
}

Poco::Dynamic::Var timeOrNull(const std::optional<WallTime>& time) {
  return time ? Poco::Dynamic::Var(isoTime(*time)) : Poco::Dynamic::Var();
}

Poco::Dynamic::Var textOrNull(const std::string& text) {
  return text.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(text);
}

void checkQuery(const http::Request& request, std::initializer_list<std::string_view> known) {
  std::vector<FieldError> errors;
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      errors.push_back({name, "is not a query parameter of " + request.path});
    }
  }
  if (!errors.empty())
    throw Error(ErrorCode::kInvalidField, "the query has unknown parameters", std::move(errors));
}

std::chrono::seconds waitOf(const http::Request& request) {
  const auto found = request.query.find("wait");
  if (found == request.query.end()) return std::chrono::seconds(0);
  const auto& value = found->second;
  int seconds = -1;
  const auto* end = value.data() + value.size();
  const auto [stop, failure] = std::from_chars(value.data(), end, seconds);
  if (failure != std::errc() || stop != end || seconds < 0 || seconds > kMaxWaitSeconds) {
    throw Error(ErrorCode::kInvalidField, "wait: must be a whole number of seconds from 0 to 60",
                std::vector<FieldError>{{"wait", "must be a whole number of seconds from 0 to 60"}});
  }
  return std::chrono::seconds(seconds);
}

}  // namespace vx11::api
