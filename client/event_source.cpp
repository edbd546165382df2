#include "event_source.hpp"

#include <istream>
#include <optional>
#include <thread>

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/StreamCopier.h>

#include "base/text.hpp"
#include "failure.hpp"

namespace vx11::client {

namespace {

using Clock = std::chrono::steady_clock;

// The host sends a comment each 15 s where there is nothing else to say.
constexpr std::chrono::seconds kSilence{40};
constexpr std::chrono::seconds kGiveUp{60};
constexpr std::chrono::milliseconds kPause{500};

struct Event {
  std::string name;
  std::string id;
  std::string data;
};

// nullopt where the stream ends before the event does.
std::optional<Event> readEvent(std::istream& stream) {
  Event event;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty()) return event;
    const auto value = [&line](std::string_view field) {
      return line.starts_with(field) ? std::optional(line.substr(field.size())) : std::nullopt;
    };
    if (auto name = value("event: ")) event.name = std::move(*name);
    if (auto id = value("id: ")) event.id = std::move(*id);
    if (auto data = value("data: ")) event.data = std::move(*data);
  }
  return std::nullopt;
}

std::string bytesOf(const Json& data) {
  if (data.has("text")) return data.getValue<std::string>("text");
  return text::fromBase64(data.getValue<std::string>("base64")).value_or("");
}

class Follower {
 public:
  Follower(const Door& door, const std::string& spawn_id, const Handlers& handlers)
      : door_(door), target_("/vx11/spawns/" + encoded(spawn_id) + "/stream"), handlers_(handlers) {}

  std::string run() {
    auto lost_since = Clock::time_point::max();
    while (true) {
      std::string why = "the host ended the stream";
      heard_ = false;
      try {
        if (auto result = readToEnd()) return std::move(*result);
      } catch (const Poco::Exception& e) {
        why = e.displayText();
      }
      if (heard_) lost_since = Clock::time_point::max();
      if (lost_since == Clock::time_point::max()) {
        lost_since = Clock::now();
        handlers_.broken(why);
      }
      if (Clock::now() - lost_since > kGiveUp) door_.unreachable(why);
      std::this_thread::sleep_for(kPause);
    }
  }

 private:
  std::optional<std::string> readToEnd() {
    const auto session = door_.session(kSilence);
    auto request = door_.request("GET", target_);
    if (!last_id_.empty()) request.set("Last-Event-ID", last_id_);
    session->sendRequest(request);
    Poco::Net::HTTPResponse response;
    auto& stream = session->receiveResponse(response);
    if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK) {
      Answer answer;
      answer.status = response.getStatus();
      Poco::StreamCopier::copyToString(stream, answer.body);
      // A host that stops, or starts, may be better later.
      if (answer.status == Poco::Net::HTTPResponse::HTTP_SERVICE_UNAVAILABLE) return std::nullopt;
      answer.json = parseJson(answer.body);
      door_.refuse(answer);
    }
    while (const auto event = readEvent(stream)) {
      heard_ = true;
      if (event->name == "end") return event->data;
      take(*event);
      if (!event->id.empty()) last_id_ = event->id;
    }
    return std::nullopt;
  }

  void take(const Event& event) const {
    if (event.name.empty()) return;
    const auto data = parseJson(event.data);
    if (event.name == "stdout") handlers_.out(bytesOf(*data));
    if (event.name == "stderr") handlers_.err(bytesOf(*data));
    if (event.name == "attempt") handlers_.attempt(data->getValue<int>("attempt"));
  }

  const Door& door_;
  const std::string target_;
  const Handlers& handlers_;
  std::string last_id_;
  bool heard_ = false;  // on this connection
};

}  // namespace

std::string followOutput(const Door& door, const std::string& spawn_id, const Handlers& handlers) {
  return Follower(door, spawn_id, handlers).run();
}

}  // namespace vx11::client
