// The table of routes and its matching. Immutable after construction, so any thread may call it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace vx11::http {

enum class Access {
  kToken,  // needs a token
  kOpen,   // answers without one
};

enum class Body {
  kNone,      // a body is read and ignored (bounded)
  kOptional,  // JSON object; neither length nor chunked means empty
  kRequired,  // JSON object; no length is 411
};

struct Route {
  std::string method;   // "GET" also serves HEAD
  std::string pattern;  // "/vx11/result/{id}": a {name} matches one non-empty segment
  Access access = Access::kToken;
  Body body = Body::kNone;
  std::function<Response(const Request&)> handler;  // called on an HTTP thread; may throw Error
};

class Router {
 public:
  // Throws std::logic_error where a method and pattern stand twice in the table.
  explicit Router(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> path_ids;
    std::vector<std::string> allowed;  // methods of this path when only the method did not match
  };
  // `path` percent-decoded. A null route with empty `allowed` is 404, with methods in it 405.
  Match match(std::string_view method, std::string_view path) const;

  // Sorted: patterns of fixed segments first.
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  // the segments of each route's pattern
};

}  // namespace vx11::http
