// A reader of server-sent events, one at a time (HTML Living Standard, 9.2).
#pragma once

#include <optional>
#include <string>

#include "daemon.hpp"
#include "raw_client.hpp"

namespace vx11::test {

struct Event {
  std::string name;
  std::string id;
  std::string data;  // JSON text
  Poco::JSON::Object::Ptr json() const;
};

class EventStream {
 public:
  // Asks for `path`, from `last_id` on where one is given. Throws std::runtime_error where that is not
  // answered with a stream.
  EventStream(const Daemon& daemon, const std::string& path, const std::string& last_id = {});

  // The next event; nullopt where the stream is over. Throws std::runtime_error at the deadline.
  std::optional<Event> next();

 private:
  RawClient client_;
};

// What a task wrote, put together from its stream, to the end.
struct Streamed {
  std::string out;
  std::string err;
  std::string last_id;
  std::optional<Event> end;  // nullopt where it broke off
  int attempts = 1;
};
Streamed readAll(EventStream& stream);
// The bytes of one event.
std::string bytesOf(const Event& event);

}  // namespace vx11::test
