// A TCP connection on which a test sends whatever bytes it likes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "wait.hpp"

namespace vx11::test {

struct RawAnswer {
  int status = 0;                              // 0: no complete answer came
  std::map<std::string, std::string> headers;  // lower-case names; of equal ones the last
  std::string body;
};

class RawClient {
 public:
  // Connects to 127.0.0.1; throws std::runtime_error where nobody listens.
  explicit RawClient(uint16_t port);

  // False where the other side has closed, which for a hostile request is a fair answer.
  bool send(std::string_view bytes);
  void finishSending();  // half-close: the end of our stream

  // The next answer on the connection, by its Content-Length (none: until the end of the connection). For the
  // answer to a HEAD set `head`. Throws std::runtime_error at the deadline.
  RawAnswer readAnswer(std::chrono::milliseconds deadline = kDeadline, bool head = false);
  // Up to and with the next `mark`; nullopt where the other side closes before. Throws std::runtime_error at
  // the deadline.
  std::optional<std::string> readThrough(std::string_view mark,
                                         std::chrono::milliseconds deadline = kDeadline);
  // Everything until the other side closes. Throws std::runtime_error at the deadline.
  std::string readUntilClose(std::chrono::milliseconds deadline = kDeadline);
  // True when the other side closes until the deadline without sending anything more.
  bool closedWithin(std::chrono::milliseconds deadline);

 private:
  enum class Read { kSome, kEnd, kTooLate };
  Read readSome(std::chrono::steady_clock::time_point end);

  UniqueFd socket_;
  std::string received_;  // not handed out yet
};

}  // namespace vx11::test
