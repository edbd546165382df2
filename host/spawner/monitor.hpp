// Brings back a spawner of root's that was killed. Its host may have given up root since, and could only
// start one that runs daughters as its own user.
#pragma once

#include <atomic>
#include <functional>

namespace vx11::spawner {

// Two processes from one call: it returns in the worker, which is to become the spawner, and once more in
// each successor. The monitor itself never returns. It has no socket, reads nothing but signals, and starts a
// new worker whenever one was killed or failed; what daughters of the last one left, by user id and by
// cgroup, the next one ends before it serves. It ends when a worker ended by itself (status 0), when the
// first one could not start, and after two minutes of failures. SIGTERM and SIGINT go on to the worker.
//
// SIGCHLD, SIGTERM and SIGINT must be blocked.
class Monitor {
 public:
  // `argv0` is overwritten in place, so that ps(1) tells the two apart. `let_go` is called once, in the
  // monitor, and drops what only a worker needs. Throws CannotStart.
  Monitor(char* argv0, const std::function<void()>& let_go);

  // In the worker: it serves from now on. A first one that never does is not replaced.
  void ready() { ready_->store(true); }
  // In the worker: it follows one that was killed or failed.
  bool isSuccessor() const { return successor_; }

 private:
  std::atomic<bool>* ready_ = nullptr;  // shared by all of them
  bool successor_ = false;
};

}  // namespace vx11::spawner
