// A connected socket whose other end may be trusted with code.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/unique_fd.hpp"

namespace vx11::spawner_client {

// Why there is no connection, and so what to do about it.
enum class Obstacle {
  kNobody,   // nothing listens: a spawner may be started
  kPassing,  // may be gone soon: another host that is just ending, a spawner that is busy
  kLasting,  // stays until somebody changes something
  kStopped,  // stop() was called meanwhile
};

class ConnectError : public std::runtime_error {
 public:
  // `sentence` says what to change.
  ConnectError(Obstacle obstacle, const std::string& sentence)
      : std::runtime_error(sentence), obstacle_(obstacle) {}
  Obstacle obstacle() const { return obstacle_; }

 private:
  Obstacle obstacle_;
};

// Whether a listener that runs as `server` is trusted with code by us, who run as `self`.
bool mayReceiveCode(uid_t server, uid_t self);

// Connects to a spawner's socket, non-blocking, at a path of any length (its last part at most 80 bytes). The
// listener must belong to root or to our own uid: nobody else receives code. Throws ConnectError.
UniqueFd connectTo(const std::filesystem::path& socket);

}  // namespace vx11::spawner_client
