#include "api/stream.hpp"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "api/encode.hpp"
#include "api/find_spawn.hpp"
#include "api/result.hpp"
#include "api/stream_position.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "tasks/engine.hpp"

namespace vx11::api {

namespace {

using tasks::Stream;

// Of one event: a reader sees the first bytes of a flood soon, and each costs little beside its text.
constexpr size_t kChunkBytes = 32 * 1024;
// How soon it is noticed that a reader has gone while the task says nothing.
constexpr std::chrono::seconds kLook{1};
// So that nothing between here and the reader takes the connection for dead.
constexpr std::chrono::seconds kHeartbeat{15};
constexpr const char* kBegin = "retry: 1000\n\n";  // milliseconds

class Following {
 public:
  Following(tasks::Engine& engine, tasks::TaskPtr task) : engine_(engine), task_(std::move(task)) {
    engine_.follow(task_);
  }
  ~Following() { engine_.unfollow(task_); }
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

 private:
  tasks::Engine& engine_;
  const tasks::TaskPtr task_;
};

// One reader, on its connection's thread. It reads the files by itself, so that a slow one holds up nobody.
class Transmission {
 public:
  Transmission(tasks::Engine& engine, StreamPosition from, http::Outlet& outlet)
      : engine_(engine), at_(std::move(from)), outlet_(outlet) {}

  void run(tasks::View view) {
    if (!send(kBegin)) return;
    if (view.task) {
      if (!forwardLiving(view.task)) return;
      view = engine_.view(view.task);
    }
    if (!view.row.end || !beginAttempt(view.row.attempt) || !forwardRest(view)) return;
    send("event: end\ndata: " + json::print(*encodeResult(view)) + "\n\n");
  }

 private:
  // Until the task has ended: true. False where there is nothing more to be done here.
  bool forwardLiving(const tasks::TaskPtr& task) {
    const Following following(engine_, task);
    tasks::Growth seen;
    while (true) {
      const auto growth = engine_.awaitGrowth(task, seen, monoNow() + kLook);
      if (growth.nonce != seen.nonce && !growth.nonce.empty()) {
        // What is left of the attempt before can be read as long as its files are open.
        if (!forwardFile(Stream::kOut, UINT64_MAX) || !forwardFile(Stream::kErr, UINT64_MAX)) return false;
        out_file_.reset();
        err_file_.reset();
        if (!beginAttempt(growth.attempt)) return false;
      }
      seen = growth;
      if (!forward(Stream::kOut, growth.out, growth) || !forward(Stream::kErr, growth.err, growth))
        return false;
      if (growth.ended) return true;
      if (growth.draining || !outlet_.open()) return false;
      if (monoNow() - sent_ >= kHeartbeat && !send(":\n\n")) return false;
    }
  }

  bool forward(Stream stream, uint64_t until, const tasks::Growth& growth) {
    auto& file = fileOf(stream);
    if (offsetOf(stream) < until && !file) file = engine_.openGrowing(growth, stream);
    return forwardFile(stream, until);
  }

  bool forwardFile(Stream stream, uint64_t until) {
    const auto& file = fileOf(stream);
    auto& offset = offsetOf(stream);
    std::array<char, kChunkBytes> buffer;
    while (file && offset < until) {
      const auto wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), until - offset));
      const ssize_t got = pread(file.get(), buffer.data(), wanted, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return true;
      const std::string_view bytes(buffer.data(), static_cast<size_t>(got));
      const auto whole = text::wholeCharacters(bytes);
      if (whole == 0) return true;  // the rest of it comes
      if (!sendChunk(stream, bytes.substr(0, whole))) return false;
    }
    return true;
  }

  bool forwardRest(const tasks::View& ended) {
    for (const auto stream : {Stream::kOut, Stream::kErr}) {
      auto output = engine_.output(ended, stream);
      auto& offset = offsetOf(stream);
      if (output.file) {
        fileOf(stream) = std::move(output.file);
        if (!forwardFile(stream, output.size)) return false;
        output.bytes = remainderOf(stream, output.size);
      } else {
        output.bytes.erase(0, static_cast<size_t>(std::min<uint64_t>(offset, output.size)));
      }
      // What is left ends within a character, if it does.
      for (std::string_view rest = output.bytes; !rest.empty();) {
        auto part = rest.substr(0, kChunkBytes);
        const auto whole = text::wholeCharacters(part);
        if (whole > 0) part = part.substr(0, whole);
        if (!sendChunk(stream, part)) return false;
        rest.remove_prefix(part.size());
      }
    }
    return true;
  }

  // The few bytes of a character that never got whole.
  std::string remainderOf(Stream stream, uint64_t size) {
    const auto offset = offsetOf(stream);
    std::array<char, 4> buffer;
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), size - std::min(offset, size)));
    const ssize_t got = pread(fileOf(stream).get(), buffer.data(), wanted, static_cast<off_t>(offset));
    return got > 0 ? std::string(buffer.data(), static_cast<size_t>(got)) : std::string();
  }

  bool beginAttempt(int64_t attempt) {
    if (std::exchange(at_.attempt, attempt) == attempt) return true;
    at_.out = at_.err = 0;
    auto data = json::newObject();
    data->set("attempt", static_cast<Poco::Int64>(attempt));
    return attempt == 1 ||
           send("event: attempt\nid: " + print(at_) + "\ndata: " + json::print(*data) + "\n\n");
  }

  bool sendChunk(Stream stream, std::string_view bytes) {
    offsetOf(stream) += bytes.size();
    auto data = json::newObject();
    if (text::isUtf8(bytes))
      data->set("text", std::string(bytes));
    else
      data->set("base64", text::toBase64(bytes));
    std::string event = stream == Stream::kOut ? "event: stdout\nid: " : "event: stderr\nid: ";
    event += print(at_);
    event += "\ndata: ";
    event += json::print(*data);
    event += "\n\n";
    return send(event);
  }

  bool send(std::string_view text) {
    sent_ = monoNow();
    return outlet_.send(text);
  }

  uint64_t& offsetOf(Stream stream) { return stream == Stream::kOut ? at_.out : at_.err; }
  UniqueFd& fileOf(Stream stream) { return stream == Stream::kOut ? out_file_ : err_file_; }

  tasks::Engine& engine_;
  StreamPosition at_;
  http::Outlet& outlet_;
  UniqueFd out_file_;
  UniqueFd err_file_;
  MonoTime sent_{};
};

[[noreturn]] void refusePosition(const std::string& why) {
  throw Error(ErrorCode::kInvalidField, "Last-Event-ID " + why,
              std::vector<FieldError>{{"Last-Event-ID", why}});
}

// Where nobody said anything else: at the beginning of the attempt that comes.
StreamPosition positionOf(const Services& services, const http::Request& request, const tasks::View& view) {
  StreamPosition position;
  const auto* const id = request.header("last-event-id");
  if (id != nullptr && !id->empty()) position = parsePosition(*id);
  if (!position.spawn_id.empty() && position.spawn_id != view.row.name)
    refusePosition("is of another task: this one is " + view.row.name);
  if (position.attempt > view.row.attempt && id != nullptr && view.row.attempt > 0)
    refusePosition("is of attempt " + std::to_string(position.attempt) + ", and there were " +
                   std::to_string(view.row.attempt));
  if (view.row.end && position.attempt == view.row.attempt) {
    const auto out = services.engine.output(view, Stream::kOut).size;
    const auto err = services.engine.output(view, Stream::kErr).size;
    if (position.out > out || position.err > err) {
      refusePosition("lies behind the end: there are " + std::to_string(out) + " bytes of stdout and " +
                     std::to_string(err) + " of stderr");
    }
  }
  position.spawn_id = view.row.name;
  return position;
}

}  // namespace

http::Response stream(const Services& services, const http::Request& request) {
  auto view = findSpawn(services, request.path_ids.at("id"));
  auto position = positionOf(services, request, view);
  http::Response response;
  response.content_type = "text/event-stream";
  response.correlation_id = view.row.correlation_id;
  response.stream = [&engine = services.engine, position = std::move(position), view = std::move(view)](
                        http::Outlet& outlet) { Transmission(engine, position, outlet).run(view); };
  return response;
}

}  // namespace vx11::api
