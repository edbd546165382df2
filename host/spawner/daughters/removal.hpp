// Removes what daughters leave behind, a little at a time.
#pragma once

#include <dirent.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/forked_call.hpp"

namespace vx11::spawner {

// A daughter may leave a million files, huge ones, or directories nested deeper than any path reaches. So
// work is bounded for each turn of the loop, what the kernel takes long over is done by a copy of ours, and a
// nested directory that is not empty is moved to the top of its task's directory before it is emptied: three
// descriptors in all, whatever the depth. Links are removed, never followed; everything happens through
// descriptors opened with O_NOFOLLOW, so nothing outside the task's directory can be reached, root or not.
class Removal {
 public:
  // `parent` must outlive it.
  Removal(EventLoop& loop, int parent);

  // Removes the directory `name` of the parent; `done` is called once, when it is gone or cannot be removed
  // (logged). `likely` are names of files that may be all there is in it: they are tried first, without a
  // look.
  void add(std::string name, std::vector<std::string> likely, std::function<void(bool gone)> done);

  bool idle() const { return queue_.empty(); }

 private:
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  using Directory = std::unique_ptr<DIR, CloseDirectory>;
  struct Entry {
    std::string name;
    std::vector<std::string> likely;
    std::function<void(bool gone)> done;
  };

  void work();
  // Removes what is no directory. False, with errno, where that failed; true also where it is under way, and
  // waits then.
  bool removeFile(int parent, const char* name);
  // One step on the first of the queue; true when that is finished.
  bool step();
  bool beginTop();
  void removeLikely(const Entry& entry);
  void stepTop();
  void stepNested();
  void finishPass();
  static Directory openDirectory(int parent, const char* name);

  Timer timer_;
  int parent_;
  std::deque<Entry> queue_;
  Directory top_;     // the task's directory
  Directory nested_;  // one directly in it
  std::string nested_name_;
  bool found_ = false;   // this pass over the top found something
  bool failed_ = false;  // something resisted
  int fruitless_ = 0;
  bool left_ = false;  // it was given up
  ForkedCall call_;
};

}  // namespace vx11::spawner
