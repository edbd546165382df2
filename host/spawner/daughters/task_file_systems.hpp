// Small file systems in memory, one for each daughter that runs, so that one that fills its directory takes
// room from nobody else: not from other daughters, nor from the machine's own /run.
//
// They are mounted where only the spawner and its daughters see them (mount_namespaces(7)): the kernel takes
// them away with the last of these, and the service manager is not told of each. One is made once and used
// again, so that a start pays nothing for it; unless something is left in it that has no name any more,
// because a process of another task holds it open.
#pragma once

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>

namespace vx11::spawner {

class TaskFileSystems {
 public:
  static constexpr const char* kSource = "vx11-task";  // what mount(8) shows
  // For a mount of so many bytes.
  static std::string optionsFor(uint64_t max_bytes, unsigned mode);

  // What stands in the way, for people.
  class Unusable : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  // Gives this process, which must have one thread only, mounts of its own, and covers `directory` (absolute)
  // there; what was opened before keeps showing what everybody sees. `max_bytes`: of each. Throws Unusable,
  // and then nothing is covered.
  TaskFileSystems(std::string directory, uint64_t max_bytes);

  // The number of a free one, which is mounted in the directory of that name. Throws CannotLaunch.
  unsigned long acquire();
  // Where something is left in it a new one takes its place; false, and a line in the log, where none can be
  // had: nobody gets that number again then.
  bool release(unsigned long number);

 private:
  std::string pathOf(unsigned long number) const { return directory_ + "/" + std::to_string(number); }

  std::string directory_;
  std::string options_;
  std::set<unsigned long> free_;  // the lowest is the next
  unsigned long made_ = 0;
};

}  // namespace vx11::spawner
