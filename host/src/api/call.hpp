// One call of the HTTP API: what the door needs to serve it, and what a caller needs to make it.
#pragma once

#include <string>
#include <vector>

#include "http/router.hpp"

namespace vx11::api {

struct QueryParameter {
  std::string name;
  std::string description;
  std::string schema;  // JSON Schema, as JSON text
};

struct Call {
  std::string method;
  std::string pattern;  // as in http::Route
  http::Access access = http::Access::kToken;
  http::Body body = http::Body::kNone;
  std::function<http::Response(const http::Request&)> handler;
  std::string summary;                  // a phrase, for people
  std::string gives;                    // the schema of its answer, or its content type where it is no JSON
  std::string takes{};                  // the schema of its body; empty: none
  std::vector<QueryParameter> query{};  // all there are; another one is refused
  bool any_query = false;               // VX11 let them pass, and clients send what they like
};

}  // namespace vx11::api
