#include "door.hpp"

#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include "failure.hpp"

namespace vx11::client {

namespace {

// Longer than the longest ?wait=.
constexpr std::chrono::seconds kPatience{90};

JsonPtr parsedOrNull(const std::string& body) {
  try {
    return parseJson(body);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

Door::Door(Place place) : place_(std::move(place)) {}

std::unique_ptr<Poco::Net::HTTPClientSession> Door::session(std::chrono::seconds patience) const {
  const Poco::URI uri(place_.url);
  auto session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
  session->setTimeout(Poco::Timespan(patience.count(), 0));
  session->setKeepAlive(true);
  return session;
}

Poco::Net::HTTPRequest Door::request(const std::string& method, const std::string& target) const {
  Poco::Net::HTTPRequest request(method, target, Poco::Net::HTTPMessage::HTTP_1_1);
  if (!place_.token.empty()) request.set("X-VX11-Token", place_.token);
  return request;
}

Answer Door::ask(const std::string& method, const std::string& target, const std::string& body) {
  if (!session_) session_ = session(kPatience);
  try {
    auto request = this->request(method, target);
    if (method == "POST") {
      request.setContentType("application/json");
      request.setContentLength(static_cast<std::streamsize>(body.size()));
    }
    session_->sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    auto& stream = session_->receiveResponse(response);
    Answer answer;
    answer.status = response.getStatus();
    Poco::StreamCopier::copyToString(stream, answer.body);
    answer.json = parsedOrNull(answer.body);
    return answer;
  } catch (const Poco::Exception& e) {
    session_.reset();
    unreachable(e.displayText());
  }
}

void Door::download(const std::string& target, std::ostream& out) {
  const auto own = session(kPatience);
  try {
    auto request = this->request("GET", target);
    own->sendRequest(request);
    Poco::Net::HTTPResponse response;
    auto& stream = own->receiveResponse(response);
    if (response.getStatus() == Poco::Net::HTTPResponse::HTTP_OK) {
      const auto copied = Poco::StreamCopier::copyStream64(stream, out);
      if (out.good() && response.hasContentLength() &&
          copied != static_cast<Poco::UInt64>(response.getContentLength64()))
        throw Failure(kFailed, "the host broke off after " + std::to_string(copied) + " bytes");
      return;
    }
    Answer answer;
    answer.status = response.getStatus();
    Poco::StreamCopier::copyToString(stream, answer.body);
    answer.json = parsedOrNull(answer.body);
    refuse(answer);
  } catch (const Poco::Exception& e) {
    unreachable(e.displayText());
  }
}

Answer Door::accepted(Answer answer) const {
  constexpr int kFirstError = 400;
  if (answer.status >= kFirstError) refuse(answer);
  return answer;
}

void Door::refuse(const Answer& answer) const {
  if (!answer.json) throw Failure(kRefused, "the host answered with status " + std::to_string(answer.status));
  const auto& problem = *answer.json;
  const auto error = text(problem, "error");
  if (error == "auth_required" || error == "forbidden") {
    throw Failure(kRefused,
                  place_.token.empty() ? "the host wants a token: " + place_.token_origin
                                       : "the host refuses the token of " + place_.token_origin,
                  "vx11 doctor");
  }
  auto message = text(problem, "detail");
  if (message.empty()) message = text(problem, "title");
  const auto errors = problem.getArray("errors");
  for (unsigned i = 0; errors && i < errors->size(); ++i) {
    const auto fault = errors->getObject(i);
    const auto said = text(*fault, "message");
    // Of a single fault the detail may say it all.
    if (message.find(said) == std::string::npos) message += "\n  " + text(*fault, "field") + ": " + said;
  }
  throw Failure(kRefused, message, text(problem, "hint"));
}

void Door::unreachable(const std::string& why) const {
  throw Failure(kFailed, "nothing answers at " + place_.url + " (" + why + ")", "vx11 doctor");
}

JsonPtr parseJson(const std::string& text) {
  const auto parsed = Poco::JSON::Parser().parse(text);
  return parsed.type() == typeid(JsonPtr) ? parsed.extract<JsonPtr>() : nullptr;
}

std::string text(const Json& object, const std::string& name) {
  const auto value = object.get(name);
  return value.isEmpty() ? std::string() : value.convert<std::string>();
}

std::string encoded(const std::string& part) {
  std::string result;
  Poco::URI::encode(part, "!#$&'()*+,/:;=?@[]", result);
  return result;
}

}  // namespace vx11::client
