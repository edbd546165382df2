// How late a TTL fires, and how long a tree takes to be gone.
#pragma once

#include <vector>

#include "load.hpp"

namespace vx11::bench {

// Milliseconds from the deadline of `count` tasks with a ttl of a second to their leader's end, `together` of
// them at a time; their leaders end by the SIGTERM.
std::vector<double> ttlLateness(const Door& door, int count, int together);
// The same for a sleep of a second in `together` threads of this process: what the machine itself adds.
std::vector<double> sleepLateness(int count, int together);

// Milliseconds from the deadline of a tree of 200 processes that ignore SIGTERM, half of them in sessions of
// their own, to the moment when a client has read that all of it is gone: killing, reaping, the record, the
// commit and the answer. vx11d must give no grace.
std::vector<double> treeEndings(const Door& door, int count);
// The same for 200 bare processes of one process group, killed and reaped by this process.
std::vector<double> bareTreeEndings(int count);

}  // namespace vx11::bench
