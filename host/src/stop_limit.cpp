#include "stop_limit.hpp"

#include <unistd.h>

#include "base/log.hpp"

namespace vx11 {

StopLimit::StopLimit(std::chrono::seconds limit) : thread_([this, limit] { watch(limit); }) {}

StopLimit::~StopLimit() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void StopLimit::watch(std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, limit, [this] { return stopped_; })) return;
  // Whoever reads our stderr may be what hangs; SIGALRM's default is to end us.
  alarm(3);
  log::error("host.stop_forced",
             {{"after_seconds", limit.count()},
              {"reason", "a plugin, the disk or a lock on the database does not let go"}});
  // Not exit(): the destructors of statics would run beside the thread that hangs.
  _exit(1);
}

}  // namespace vx11
