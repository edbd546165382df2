#include "spawner/daughters/task_file_systems.hpp"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <utility>

#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV;
// An empty file takes none of its file system's bytes but about a kilobyte of the kernel's.
constexpr uint64_t kBytesForEachFile = 4096;
constexpr uint64_t kFewestFiles = 1024;

}  // namespace

TaskFileSystems::TaskFileSystems(std::string directory, uint64_t max_bytes)
    : directory_(std::move(directory)),
      options_("mode=0711,size=" + std::to_string(max_bytes) +
               ",nr_inodes=" + std::to_string(kFewestFiles + max_bytes / kBytesForEachFile)) {
  // As a slave: what others mount and unmount still reaches us.
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0 ||
      mount("vx11-task", directory_.c_str(), "tmpfs", kFlags, "mode=0711,size=1m") != 0) {
    throw Unusable("cannot have mounts of its own: " + errnoText(errno));
  }
  try {
    release(acquire());
  } catch (const CannotLaunch& error) {
    umount2(directory_.c_str(), MNT_DETACH);
    throw Unusable(error.what());
  }
}

unsigned long TaskFileSystems::acquire() {
  if (!free_.empty()) return free_.extract(free_.begin()).value();
  const auto path = directory_ + "/" + std::to_string(made_);
  if ((mkdir(path.c_str(), 0711) != 0 && errno != EEXIST) ||
      mount("vx11-task", path.c_str(), "tmpfs", kFlags, options_.c_str()) != 0) {
    throw CannotLaunch::fromErrno("cannot mount a file system on " + path, errno);
  }
  return made_++;
}

}  // namespace vx11::spawner
