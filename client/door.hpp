// The calls of the host's HTTP API.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPClientSession.h>

#include "place.hpp"

namespace vx11::client {

using Json = Poco::JSON::Object;
using JsonPtr = Poco::JSON::Object::Ptr;

struct Answer {
  int status = 0;
  std::string body;
  JsonPtr json;  // null where the body is no object
};

// One connection for one thread; it is opened again by itself.
class Door {
 public:
  explicit Door(Place place);

  const Place& place() const { return place_; }

  // Any answer of the host, also an error. Throws Failure where there is none.
  Answer ask(const std::string& method, const std::string& target, const std::string& body = {});
  // Throws Failure for an error too, with what the host says about it.
  Answer get(const std::string& target) { return accepted(ask("GET", target)); }
  Answer post(const std::string& target, const std::string& body) {
    return accepted(ask("POST", target, body));
  }
  // Writes the body of the answer to `out` as it comes, whatever its size.
  void download(const std::string& target, std::ostream& out);

  // A connection of its own for what takes long, ready to be sent on; silent for at most `patience`.
  std::unique_ptr<Poco::Net::HTTPClientSession> session(std::chrono::seconds patience) const;
  // With the token, for session().
  Poco::Net::HTTPRequest request(const std::string& method, const std::string& target) const;
  [[noreturn]] void refuse(const Answer& answer) const;
  [[noreturn]] void unreachable(const std::string& why) const;

 private:
  Answer accepted(Answer answer) const;

  const Place place_;
  std::unique_ptr<Poco::Net::HTTPClientSession> session_;
};

// Throws std::runtime_error; null where it is JSON but no object.
JsonPtr parseJson(const std::string& text);
// The member as text; empty where it is missing or null.
std::string text(const Json& object, const std::string& name);
// Percent-encoded, for one part of a path or a value of a query.
std::string encoded(const std::string& part);

}  // namespace vx11::client
