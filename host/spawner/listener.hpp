// The socket that hosts connect to.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/unique_fd.hpp"

namespace vx11::spawner {

struct Peer {
  UniqueFd socket;  // non-blocking
  pid_t pid = 0;
  uid_t uid = 0;
};

// Listens at a path of any length: it is bound through /proc/self/fd of its directory, since a socket address
// holds 107 bytes only. The directory is made if missing; the socket is 0600 and belongs to `host_uid` where
// one is given. A lock file beside it decides between two starters, so that a socket nobody answers at can be
// replaced safely.
class Listener {
 public:
  // Throws CannotStart, also where somebody already listens there.
  Listener(const std::string& path, std::optional<uid_t> host_uid);
  ~Listener();  // removes the socket

  int descriptor() const { return socket_.get(); }

  // nullopt where nobody waits. Throws CannotLaunch where somebody does, but cannot be taken (no descriptor
  // left).
  std::optional<Peer> accept() const;
  // Root, our own user and the host's.
  bool mayConnect(uid_t uid) const;

 private:
  void openDirectory(const std::string& directory);
  void lock();
  void bindSocket();

  std::string path_;
  std::optional<uid_t> host_uid_;
  std::string name_;
  UniqueFd directory_;
  UniqueFd lock_;
  UniqueFd socket_;
};

}  // namespace vx11::spawner
