#include "test_door.hpp"

#include <sys/resource.h>

#include "base/json.hpp"

namespace vx11::test {

namespace {

using http::Access;
using http::Body;
using http::Credential;
using http::Request;
using http::Response;

Response seen(const Request& request) {
  auto headers = json::newObject();
  for (const auto& [name, value] : request.headers) headers->set(name, value);
  auto query = json::newObject();
  for (const auto& [name, value] : request.query) query->set(name, value);
  auto body = json::newObject();
  body->set("method", request.method);
  body->set("path", request.path);
  body->set("query", query);
  body->set("headers", headers);
  body->set("body", request.body);
  body->set("id", request.path_ids.count("id") != 0 ? request.path_ids.at("id") : "");
  body->set("correlation_id", request.correlation_id);
  body->set("given", request.correlation_id_given);
  body->set("traceparent", request.traceparent);
  Response response;
  response.body = json::print(*body);
  return response;
}

std::vector<http::Route> routes(Gate& gate) {
  return {
      {"GET", "/health", Access::kOpen, Body::kNone, seen},
      {"GET", "/seen", Access::kToken, Body::kNone, seen},
      {"GET", "/items/{id}", Access::kToken, Body::kNone, seen},
      {"POST", "/ignored", Access::kToken, Body::kNone, seen},
      {"POST", "/optional", Access::kToken, Body::kOptional, seen},
      {"POST", "/required", Access::kToken, Body::kRequired, seen},
      {"POST", "/json", Access::kToken, Body::kRequired,
       [](const Request& request) {
         json::Fields fields(json::parseObject(request.body));
         fields.integer("n", 1, 10);
         fields.finish(json::UnknownFields::kRefuse);
         return seen(request);
       }},
      {"POST", "/size", Access::kToken, Body::kRequired,
       [](const Request& request) {
         Response response;
         response.body = "{\"size\":" + std::to_string(request.body.size()) + "}";
         return response;
       }},
      {"GET", "/big", Access::kToken, Body::kNone,
       [](const Request&) {
         Response response;
         response.content_type = "text/plain";
         response.body.assign(4u << 20, 'x');
         return response;
       }},
      {"GET", "/empty", Access::kToken, Body::kNone,
       [](const Request&) {
         Response response;
         response.status = 204;
         return response;
       }},
      {"GET", "/block", Access::kToken, Body::kNone,
       [&gate](const Request& request) {
         gate.enter();
         return seen(request);
       }},
      {"GET", "/throw/error", Access::kToken, Body::kNone,
       [](const Request&) -> Response { throw Error(ErrorCode::kQueueFull, "no room", "later"); }},
      {"GET", "/throw/std", Access::kToken, Body::kNone,
       [](const Request&) -> Response { throw std::runtime_error("secret reason"); }},
      {"GET", "/throw/int", Access::kToken, Body::kNone, [](const Request&) -> Response { throw 42; }},
  };
}

http::ServerOptions complete(http::ServerOptions options) {
  options.port = 0;
  options.check_token = [](std::string_view token) {
    if (token.empty()) return Credential::kAbsent;
    return token == "secret" ? Credential::kAccepted : Credential::kWrong;
  };
  return options;
}

}  // namespace

void Gate::enter() {
  std::unique_lock lock(mutex_);
  ++inside_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_; });
}

void Gate::waitInside(size_t n) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return inside_ >= n; });
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

TestDoor::TestDoor(http::ServerOptions options)
    : server(complete(std::move(options)), http::Router(routes(gate))) {
  server.start();
}

std::string get(const std::string& path, const std::string& fields, const std::string& method) {
  return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + kToken + fields + "\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + kToken + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string member(const RawResponse& response, const std::string& name) {
  const auto object = json::parseObject(response.body);
  return object->has(name) ? object->getValue<std::string>(name) : std::string();
}

void allowManyDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace vx11::test
