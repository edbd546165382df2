// All decisions of one round, made before it begins: what is submitted, and who is killed when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "task_kind.hpp"

namespace vx11::torture {

enum class Target { kHost, kSpawner, kBoth, kPoint };

struct Blow {
  Target target = Target::kHost;
  size_t after = 0;       // submissions of the round
  bool lets_end = false;  // the host comes back only when something has ended without it
  size_t point = 0;       // of kPoint: index in fault::kPoints
  uint64_t hits = 1;      // of kPoint: which hit kills
  Target trigger{};       // of a point that is reached by a new connection: whose death brings it
};

inline constexpr size_t kMaxRunning = 20;

struct Plan {
  std::vector<std::vector<TaskChoice>> clients;
  std::vector<Blow> blows;
};

struct Shape {
  size_t tasks = 160;
  unsigned percent_slow = 3;
};

// How the work comes to a point.
enum class Way {
  kLoad,       // by itself
  kCrowd,      // more come than may run
  kReconnect,  // host and spawner meet anew
  kLostStart,  // a start was committed and not sent
  kHoard,      // many long records wait for a host that is not there
};
Way wayTo(size_t point);
bool isSpawners(size_t point);

// Several blows at random.
Plan planRound(uint64_t seed, uint64_t round, const Shape& shape);
// One blow: at this point.
Plan planPoint(uint64_t seed, uint64_t round, const Shape& shape, size_t point);

// One line a blow.
std::string describe(const Plan& plan);

}  // namespace vx11::torture
