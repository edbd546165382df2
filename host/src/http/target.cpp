#include "http/target.hpp"

#include <algorithm>

#include <Poco/String.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace vx11::http {

namespace {

[[noreturn]] void refuseTarget(const std::string& reason) {
  throw Error(ErrorCode::kMalformedRequest, reason);
}

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 1 < text.size() ? hexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) refuseTarget("a % in the request target is not followed by two hex digits");
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (decoded.find('\0') != std::string::npos) refuseTarget("the request target holds %00");
  if (!text::isUtf8(decoded)) refuseTarget("the request target is not UTF-8 when decoded");
  return decoded;
}

std::map<std::string, std::string> parseQuery(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const auto item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    if (item.empty()) continue;
    const size_t equals = item.find('=');
    auto name = decode(item.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::string() : decode(item.substr(equals + 1), true);
    // Two readers could take two different ones of them.
    if (!query.emplace(name, std::move(value)).second) refuseTarget("the query names \"" + name + "\" twice");
  }
  return query;
}

}  // namespace

Target parseTarget(std::string_view method, std::string_view target, std::string_view host) {
  if (target == "*") {
    if (method != "OPTIONS") refuseTarget("the target * belongs to OPTIONS only");
    return {"*", {}};
  }
  constexpr std::string_view kScheme = "http://";
  if (Poco::icompare(std::string(target.substr(0, kScheme.size())), std::string(kScheme)) == 0) {
    target.remove_prefix(kScheme.size());
    const auto authority = target.substr(0, target.find_first_of("/?"));
    if (Poco::icompare(std::string(authority), std::string(host)) != 0) {
      refuseTarget("the target names another host than the Host field");
    }
    target.remove_prefix(authority.size());
    if (target.empty()) target = "/";
  }
  if (target.empty() || target.front() != '/') refuseTarget("the request target must start with a slash");
  if (target.find('#') != std::string_view::npos) refuseTarget("a fragment (#) is not sent to a server");
  const size_t mark = target.find('?');
  Target parsed;
  parsed.path = decode(target.substr(0, mark), false);
  if (mark != std::string_view::npos) parsed.query = parseQuery(target.substr(mark + 1));
  return parsed;
}

}  // namespace vx11::http
