// A request as handlers see it, and what they answer: plain values, no Poco types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"

namespace vx11::http {

struct Request {
  std::string method;                        // upper case
  std::string path;                          // percent-decoded, without the query
  std::map<std::string, std::string> query;  // percent-decoded; a name given twice is 400 before this exists
  std::map<std::string, std::string> path_ids;  // "{id}" of the route's pattern
  std::map<std::string, std::string> headers;   // lower-case names
  std::string body;                             // complete; empty where there was none
  std::string correlation_id;                   // from X-Correlation-Id, else made; a body may override it
  bool correlation_id_given = false;            // the header was there
  std::string traceparent;                      // W3C, or empty where absent or malformed

  // The header's value or nullptr; `lower_name` in lower case.
  const std::string* header(const std::string& lower_name) const {
    const auto found = headers.find(lower_name);
    return found == headers.end() ? nullptr : &found->second;
  }
};

// A part of an open file that is sent piece by piece. It may be of any size, and must not shrink.
struct FilePart {
  UniqueFd file;
  uint64_t first = 0;
  uint64_t length = 0;
};

// Where a handler writes an answer that is as long as it lasts.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // False where the client is gone, or reads too slowly: the answer is over then.
  virtual bool send(std::string_view bytes) = 0;
  // Whether the client is still there, as far as that can be known without sending.
  virtual bool open() const = 0;
};

struct Response {
  int status = 200;
  std::string body;
  std::optional<FilePart> file{};  // the body instead, where it is set
  // The same, on the connection's own thread, which closes the connection when it returns.
  std::function<void(Outlet&)> stream{};
  std::string content_type = "application/json";
  std::string correlation_id;  // echoed as X-Correlation-Id; empty: the request's own
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace vx11::http
