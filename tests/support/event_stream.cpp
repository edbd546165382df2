#include "event_stream.hpp"

#include <sstream>
#include <stdexcept>

#include <Poco/Base64Decoder.h>
#include <Poco/JSON/Parser.h>
#include <Poco/StreamCopier.h>

namespace vx11::test {

Poco::JSON::Object::Ptr Event::json() const {
  return Poco::JSON::Parser().parse(data).extract<Poco::JSON::Object::Ptr>();
}

EventStream::EventStream(const Daemon& daemon, const std::string& path, const std::string& last_id)
    : client_(daemon.port()) {
  client_.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nX-VX11-Token: " + daemon.token() + "\r\n" +
               (last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n") + "\r\n");
  const auto head = client_.readThrough("\r\n\r\n").value_or("");
  if (head.find(" 200 ") == std::string::npos ||
      head.find("Content-Type: text/event-stream\r\n") == std::string::npos)
    throw std::runtime_error("not a stream: " + head);
}

std::optional<Event> EventStream::next() {
  while (const auto block = client_.readThrough("\n\n")) {
    Event event;
    std::istringstream lines(*block);
    for (std::string line; std::getline(lines, line);) {
      const auto value = [&line](const std::string& name) {
        return line.starts_with(name) ? std::optional(line.substr(name.size())) : std::nullopt;
      };
      if (const auto name = value("event: ")) event.name = *name;
      if (const auto id = value("id: ")) event.id = *id;
      if (const auto data = value("data: ")) event.data = *data;
    }
    // Comments and the pause before a new try are no events.
    if (!event.name.empty()) return event;
  }
  return std::nullopt;
}

std::string bytesOf(const Event& event) {
  const auto data = event.json();
  if (data->has("text")) return data->getValue<std::string>("text");
  std::istringstream encoded(data->getValue<std::string>("base64"));
  Poco::Base64Decoder decoder(encoded);
  std::string bytes;
  Poco::StreamCopier::copyToString(decoder, bytes);
  return bytes;
}

Streamed readAll(EventStream& stream) {
  Streamed all;
  while (const auto event = stream.next()) {
    if (!event->id.empty()) all.last_id = event->id;
    if (event->name == "stdout") all.out += bytesOf(*event);
    if (event->name == "stderr") all.err += bytesOf(*event);
    if (event->name == "attempt") {
      ++all.attempts;
      all.out.clear();
      all.err.clear();
    }
    if (event->name == "end") all.end = event;
  }
  return all;
}

}  // namespace vx11::test
