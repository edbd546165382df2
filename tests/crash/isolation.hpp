// The kinds of isolation that daughters can have, and how a vx11d is brought to give them.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "daemon.hpp"

namespace vx11::test {

// User ids of one program's daughters: nobody else's, so that whoever has one of them belongs to it.
struct UidRange {
  uid_t first = 0;
  uid_t last = 0;
};

struct Isolation {
  const char* name;               // as GET /vx11/status and the programs' statements say it
  bool own_uids;                  // each daughter is a user of its own
  std::string (*why_not_here)();  // empty: it can be shown on this machine
  void (*arrange)(Daemon& daemon, const UidRange&);  // before the start, when nothing else is to be changed
};

// A further kind is a further row.
const std::vector<Isolation>& isolations();
std::vector<std::string> isolationNames();

}  // namespace vx11::test
