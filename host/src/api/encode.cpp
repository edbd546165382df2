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

void checkQuery(const http::Request& request, const std::vector<std::string>& known) {
  std::vector<FieldError> errors;
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      errors.push_back({name, "is not a query parameter of " + request.path});
    }
  }
  if (!errors.empty())
    throw Error(ErrorCode::kInvalidField, "the query has unknown parameters", std::move(errors));
}

std::optional<int> wholeNumber(const std::string& text, int min, int max) {
  int number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end || number < min || number > max) return std::nullopt;
  return number;
}

std::chrono::seconds waitOf(const http::Request& request) {
  const auto found = request.query.find("wait");
  if (found == request.query.end()) return std::chrono::seconds(0);
  const auto seconds = wholeNumber(found->second, 0, kMaxWaitSeconds);
  if (!seconds) {
    throw Error(ErrorCode::kInvalidField, "wait: must be a whole number of seconds from 0 to 60",
                std::vector<FieldError>{{"wait", "must be a whole number of seconds from 0 to 60"}});
  }
  return std::chrono::seconds(*seconds);
}

}  // namespace vx11::api
