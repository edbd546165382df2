// Small pieces that several answers are made of.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "http/message.hpp"

namespace vx11::api {

// 200 with this body; `correlation_id` is echoed in the header where it differs from the request's own.
http::Response answer(const json::ObjectPtr& body, std::string correlation_id = {});

// null where there is no value.
Poco::Dynamic::Var timeOrNull(const std::optional<WallTime>& time);
template <class Number>
Poco::Dynamic::Var numberOrNull(const std::optional<Number>& number) {
  return number ? Poco::Dynamic::Var(*number) : Poco::Dynamic::Var();
}
Poco::Dynamic::Var textOrNull(const std::string& text);

// Throws Error{kInvalidField} for a query name that is not in `known`.
void checkQuery(const http::Request& request, const std::vector<std::string>& known);

// Digits alone, from `min` to `max`; nullopt for anything else.
std::optional<int> wholeNumber(const std::string& text, int min, int max);

// `?wait=SECONDS`, 0 to 60; zero where it is absent. Throws Error{kInvalidField}.
std::chrono::seconds waitOf(const http::Request& request);

}  // namespace vx11::api
