#include "http/router.hpp"

#include <algorithm>
#include <stdexcept>

namespace vx11::http {

namespace {

template <class Text>
std::vector<Text> split(std::string_view path) {
  std::vector<Text> segments;
  if (path.empty() || path.front() != '/') return segments;
  size_t start = 1;
  while (true) {
    const size_t end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    if (end == path.size()) return segments;
    start = end + 1;
  }
}

bool isName(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (isName(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  // Fixed segments before named ones: "/x/list" is not the id "list", wherever it stands in the table.
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
    const auto names = [](const Route& route) {
      return std::count(route.pattern.begin(), route.pattern.end(), '{');
    };
    return names(a) < names(b);
  });
  for (const auto& route : routes_) {
    for (size_t i = 0; i < patterns_.size(); ++i) {
      if (routes_[i].method == route.method && routes_[i].pattern == route.pattern) {
        throw std::logic_error("route given twice: " + route.method + " " + route.pattern);
      }
    }
    patterns_.push_back(split<std::string>(route.pattern));
    if (patterns_.back().empty()) throw std::logic_error("a route starts with a slash: " + route.pattern);
  }
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match match;
  const auto segments = split<std::string_view>(path);
  for (size_t i = 0; i < routes_.size(); ++i) {
    const auto& route = routes_[i];
    if (!fits(patterns_[i], segments)) continue;
    if (method == route.method || (method == "HEAD" && route.method == "GET")) {
      match.route = &route;
      match.allowed.clear();
      for (size_t k = 0; k < segments.size(); ++k) {
        const auto& name = patterns_[i][k];
        if (isName(name)) match.path_ids.emplace(name.substr(1, name.size() - 2), segments[k]);
      }
      return match;
    }
    match.allowed.push_back(route.method);
    if (route.method == "GET") match.allowed.emplace_back("HEAD");
  }
  return match;
}

}  // namespace vx11::http
