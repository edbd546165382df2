// A client for ordinary calls. Shapes that a well-behaved client cannot send go through RawClient.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <Poco/JSON/Object.h>

namespace vx11::test {

using Headers = std::map<std::string, std::string>;

struct Answer {
  int status = 0;
  Headers headers;  // lower-case names
  std::string body;

  // The body as a JSON object; throws std::runtime_error that shows the body where it is none.
  Poco::JSON::Object::Ptr json() const;
  // One member of the object, as text: "DONE", "12", "true", "null" for null and where it is absent.
  std::string text(const std::string& member) const;
};

// One connection a call, so any thread may call.
class HttpClient {
 public:
  // `token` goes into X-VX11-Token; empty: none is sent.
  HttpClient(uint16_t port, std::string token) : port_(port), token_(std::move(token)) {}

  Answer get(const std::string& target, const Headers& headers = {}) const;
  // With Content-Type application/json, unless `headers` say otherwise.
  Answer post(const std::string& target, const std::string& json, const Headers& headers = {}) const;
  Answer post(const std::string& target, const Poco::JSON::Object& object, const Headers& headers = {}) const;
  // Any method; an empty body is sent without Content-Type. Throws Poco::Exception where there is no answer.
  Answer request(const std::string& method, const std::string& target, const std::string& body,
                 const Headers& headers) const;

 private:
  uint16_t port_;
  std::string token_;
};

}  // namespace vx11::test
