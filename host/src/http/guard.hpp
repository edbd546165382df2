// The one guard before everything else: refuses each shape of request that two readers could take
// differently, or that Poco's parser lets through (it skips lines without a colon, takes the first of two
// lengths, prefers chunked over a length, unfolds lines and decodes RFC 2047 words). Behind it Poco's parser
// sees plain requests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vx11::http {

constexpr size_t kMaxHeadBytes = size_t{32} * 1024;
constexpr size_t kMaxTargetBytes = size_t{8} * 1024;

struct Shape {
  std::string_view method;
  std::string_view target;
  std::string_view host;  // empty where HTTP/1.0 sent none
  std::optional<uint64_t> content_length;
  bool keep_alive = false;  // what the client asks for, by version and Connection
  bool expects_continue = false;
};

// `head` reaches from the request line to the empty line, both included; its lines end with CRLF. The views
// of the result point into it. Throws Error with the code of the fault.
Shape checkHead(std::string_view head);

// The value of the first X-Correlation-Id, whatever else is wrong with the head; empty where there is none.
std::string_view correlationIdIn(std::string_view head);

// Characters of a token (RFC 9110, 5.6.2).
bool isTokenChar(char c);

}  // namespace vx11::http
