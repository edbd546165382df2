#include "spawner/daughters/task_file_systems.hpp"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <array>
#include <utility>

#include "base/log.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV;
// An empty file takes none of its file system's bytes but about a kilobyte of the kernel's.
constexpr uint64_t kBytesForEachFile = 4096;
constexpr uint64_t kFewestFiles = 1024;

}  // namespace

std::string TaskFileSystems::optionsFor(uint64_t max_bytes, unsigned mode) {
  std::array<char, 128> text{};
  snprintf(text.data(), text.size(), "mode=%04o,size=%" PRIu64 ",nr_inodes=%" PRIu64, mode, max_bytes,
           kFewestFiles + max_bytes / kBytesForEachFile);
  return text.data();
}

TaskFileSystems::TaskFileSystems(std::string directory, uint64_t max_bytes)
    : directory_(std::move(directory)), options_(optionsFor(max_bytes, 0711)) {
  // As a slave: what others mount and unmount still reaches us.
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0 ||
      mount(kSource, directory_.c_str(), "tmpfs", kFlags, "mode=0711,size=1m") != 0) {
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
  const auto path = pathOf(made_);
  if ((mkdir(path.c_str(), 0711) != 0 && errno != EEXIST) ||
      mount(kSource, path.c_str(), "tmpfs", kFlags, options_.c_str()) != 0) {
    throw CannotLaunch::atLimit("cannot mount a file system on " + path, errno);
  }
  return made_++;
}

bool TaskFileSystems::release(unsigned long number) {
  const auto path = pathOf(number);
  struct statfs status {};
  // Its root is a file too. The old one goes with whoever holds something in it.
  const bool empty = statfs(path.c_str(), &status) == 0 && status.f_bfree == status.f_blocks &&
                     status.f_ffree + 1 == status.f_files;
  const bool usable = empty || (umount2(path.c_str(), MNT_DETACH) == 0 &&
                                mount(kSource, path.c_str(), "tmpfs", kFlags, options_.c_str()) == 0);
  if (usable)
    free_.insert(number);
  else
    log::warning("task_file_system.lost", {{"path", path}, {"reason", errnoText(errno)}});
  return usable;
}

}  // namespace vx11::spawner
