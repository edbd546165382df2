// Removes what programs leave outside their task's directory, before somebody else gets their user id: files
// in the directories that everybody may write to, and System V IPC objects.
#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "spawner/daughters/removal.hpp"
#include "spawner/event_loop.hpp"
#include "spawner/forked_call.hpp"

namespace vx11::spawner {

// One pass at a time, bounded for each turn of the loop. It looks into kPlaces and the sticky directories of
// root's in them (such as /tmp/.X11-unix). In a sticky directory nobody but root and the owner can put
// something else in the place of a name, and an owner without processes cannot either; so what was looked at
// is what is removed.
class UidSweep {
 public:
  // `is_finished`: whether this user id's things may go: it has no process, and gets none until the pass is
  // over. `done`: after each pass, with the ids of which something could not be removed (logged).
  UidSweep(EventLoop& loop, std::function<bool(uid_t)> is_finished,
           std::function<void(const std::set<uid_t>& left)> done);

  // Begins a pass; nothing where one is under way.
  void begin();
  bool running() const { return running_; }

 private:
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  struct Place {
    std::string path;
    std::unique_ptr<DIR, CloseDirectory> directory;
    int depth = 0;
    std::unique_ptr<Removal> removal;  // of what is in it
  };

  void removeSystemVObjects();
  void work();
  // Looks at one entry; true when the pass has looked everywhere.
  bool step();
  void open(const std::string& path, int depth);
  void lookAt(Place& place, const char* name);
  void finish();

  EventLoop& loop_;
  std::function<bool(uid_t)> is_finished_;
  std::function<void(const std::set<uid_t>&)> done_;
  Timer timer_;
  ForkedCall call_;
  bool running_ = false;
  // A deque: removals refer to the descriptors of places, which stay where they are.
  std::deque<Place> places_;
  size_t at_ = 0;
  size_t removals_ = 0;  // under way
  size_t removed_ = 0;
  std::set<uid_t> left_;
};

}  // namespace vx11::spawner
