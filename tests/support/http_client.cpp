#include "http_client.hpp"

#include <sstream>
#include <stdexcept>

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>

#include "wait.hpp"

namespace vx11::test {

Poco::JSON::Object::Ptr Answer::json() const {
  try {
    Poco::JSON::Parser parser;
    return parser.parse(body).extract<Poco::JSON::Object::Ptr>();
  } catch (const Poco::Exception& e) {
    throw std::runtime_error("not a JSON object (" + e.displayText() + "): " + std::to_string(status) + " " +
                             body);
  }
}

std::string Answer::text(const std::string& member) const {
  const auto value = json()->get(member);
  return value.isEmpty() ? "null" : value.convert<std::string>();
}

Answer HttpClient::get(const std::string& target, const Headers& headers) const {
  return request("GET", target, {}, headers);
}

Answer HttpClient::post(const std::string& target, const std::string& json, const Headers& headers) const {
  Headers all{{"Content-Type", "application/json"}};
  for (const auto& [name, value] : headers) all[name] = value;
  return request("POST", target, json, all);
}

Answer HttpClient::post(const std::string& target, const Poco::JSON::Object& object,
                        const Headers& headers) const {
  std::ostringstream text;
  object.stringify(text);
  return post(target, text.str(), headers);
}

Answer HttpClient::request(const std::string& method, const std::string& target, const std::string& body,
                           const Headers& headers) const {
  Poco::Net::HTTPClientSession session("127.0.0.1", port_);
  // The longest honest answer is a wait of 60 s.
  session.setTimeout(Poco::Timespan(70 + kDeadline.count() / 1000, 0));
  Poco::Net::HTTPRequest request(method, target, Poco::Net::HTTPMessage::HTTP_1_1);
  if (!token_.empty()) request.set("X-VX11-Token", token_);
  for (const auto& [name, value] : headers) request.set(name, value);
  if (!body.empty() || method == "POST") request.setContentLength64(static_cast<Poco::Int64>(body.size()));
  session.sendRequest(request) << body;

  Poco::Net::HTTPResponse response;
  Answer answer;
  std::istream& stream = session.receiveResponse(response);
  Poco::StreamCopier::copyToString(stream, answer.body);
  answer.status = response.getStatus();
  for (const auto& [name, value] : response) answer.headers[Poco::toLower(name)] = value;
  return answer;
}

}  // namespace vx11::test
