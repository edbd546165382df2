#include "http/guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/error.hpp"

namespace vx11::http {

namespace {

// The limits of Poco's parser, which answers past them with an exception that cannot be told from others.
constexpr size_t kMaxMethodBytes = 31;
constexpr size_t kMaxNameBytes = 255;
constexpr size_t kMaxValueBytes = 8191;
constexpr size_t kMaxFields = 100;

// Fields whose second occurrence could mean something else to another reader.
constexpr std::array<std::string_view, 11> kSingle{
    "host",   "content-length", "transfer-encoding", "content-type",    "authorization", "x-vx11-token",
    "origin", "expect",         "x-correlation-id",  "idempotency-key", "traceparent"};

[[noreturn]] void refuseHead(const std::string& reason) {
  throw Error(ErrorCode::kMalformedRequest, reason);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool sameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// One element of a comma-separated list, as in "Connection: keep-alive, close".
bool listHas(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    if (sameName(trim(item), wanted)) return true;
    list.remove_prefix(std::min(item.size() + 1, list.size()));
  }
  return false;
}

// Takes the line up to CRLF off the head.
std::string_view takeLine(std::string_view& head) {
  const size_t end = head.find("\r\n");
  const auto line = head.substr(0, end);
  head.remove_prefix(line.size() + 2);
  return line;
}

// Returns whether the version is 1.1.
bool checkRequestLine(std::string_view line, Shape& shape) {
  const size_t first = line.find(' ');
  const size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) refuseHead("the request line must be METHOD TARGET HTTP/1.1");
  shape.method = line.substr(0, first);
  shape.target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);
  if (shape.method.empty() || shape.method.size() > kMaxMethodBytes ||
      !std::all_of(shape.method.begin(), shape.method.end(), isTokenChar)) {
    refuseHead("the method is not a token");
  }
  if (shape.target.size() > kMaxTargetBytes) {
    throw Error(ErrorCode::kUriTooLong,
                "the request target has more than " + std::to_string(kMaxTargetBytes) + " bytes");
  }
  if (shape.target.empty() ||
      !std::all_of(shape.target.begin(), shape.target.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    refuseHead("the request target holds bytes that must be percent-encoded");
  }
  if (version == "HTTP/1.1") return true;
  if (version == "HTTP/1.0") return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' &&
      digit(version[7])) {
    throw Error(ErrorCode::kHttpVersion, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  refuseHead("the request line does not end with an HTTP version");
}

void checkValue(std::string_view value) {
  if (value.size() > kMaxValueBytes) throw Error(ErrorCode::kHeadersTooLarge, "a header field is too long");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    // 0xff ends the input for Poco, which reads signed characters.
    if ((byte < 0x20 && c != '\t') || byte == 0x7f || byte == 0xff) {
      refuseHead("a header field holds a control character");
    }
  }
  const size_t word = value.find("=?");
  if (word != std::string_view::npos && value.find("?=", word + 2) != std::string_view::npos) {
    refuseHead("a header field holds an encoded word (=?…?=), which HTTP does not know");
  }
}

uint64_t parseLength(std::string_view text) {
  uint64_t length = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), length);
  // from_chars takes digits only: no sign, blank, list or base prefix. Poco reads a signed 64 bit number.
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size() ||
      length > INT64_MAX) {
    refuseHead("Content-Length must be a plain decimal number");
  }
  return length;
}

}  // namespace

bool isTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

Shape checkHead(std::string_view head) {
  Shape shape;
  const bool http11 = checkRequestLine(takeLine(head), shape);
  std::array<bool, kSingle.size()> seen{};
  bool has_host = false;
  bool has_transfer_encoding = false;
  bool wants_close = false;
  bool wants_keep_alive = false;
  size_t fields = 0;
  for (auto line = takeLine(head); !line.empty(); line = takeLine(head)) {
    if (++fields > kMaxFields)
      throw Error(ErrorCode::kHeadersTooLarge, "there are more than 100 header fields");
    if (line.front() == ' ' || line.front() == '\t') refuseHead("a header field is folded over two lines");
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) refuseHead("a header line has no colon");
    const auto name = line.substr(0, colon);
    if (name.size() > kMaxNameBytes)
      throw Error(ErrorCode::kHeadersTooLarge, "the name of a header field is too long");
    if (name.empty() || !std::all_of(name.begin(), name.end(), isTokenChar)) {
      refuseHead("the name of a header field holds a blank or another character that it must not");
    }
    const auto value = trim(line.substr(colon + 1));
    checkValue(value);
    for (size_t i = 0; i < kSingle.size(); ++i) {
      if (!sameName(name, kSingle[i])) continue;
      if (seen[i]) refuseHead("the header field " + std::string(kSingle[i]) + " is given twice");
      seen[i] = true;
    }
    if (sameName(name, "host")) {
      has_host = true;
      shape.host = value;
    } else if (sameName(name, "content-length")) {
      shape.content_length = parseLength(value);
    } else if (sameName(name, "transfer-encoding")) {
      has_transfer_encoding = true;
    } else if (sameName(name, "connection")) {
      wants_close = wants_close || listHas(value, "close");
      wants_keep_alive = wants_keep_alive || listHas(value, "keep-alive");
    } else if (sameName(name, "expect")) {
      if (!sameName(value, "100-continue"))
        refuseHead("the only expectation that can be met is 100-continue");
      shape.expects_continue = http11;
    }
  }
  if (has_transfer_encoding && shape.content_length) {
    refuseHead("Content-Length and Transfer-Encoding must not be sent together");
  }
  if (has_transfer_encoding) {
    throw Error(ErrorCode::kLengthRequired,
                "Transfer-Encoding is not taken; send the body with a Content-Length");
  }
  if (http11 && !has_host) refuseHead("HTTP/1.1 needs a Host field");
  shape.keep_alive = !wants_close && (http11 || wants_keep_alive);
  return shape;
}

std::string_view correlationIdIn(std::string_view head) {
  for (auto line = takeLine(head); !line.empty(); line = takeLine(head)) {
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && sameName(line.substr(0, colon), "x-correlation-id"))
      return trim(line.substr(colon + 1));
  }
  return {};
}

}  // namespace vx11::http
