// Rounds of load, deaths and checks over one state directory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "invariants.hpp"
#include "plan.hpp"
#include "scene.hpp"

namespace vx11::torture {

class Torture {
 public:
  Torture(uint64_t seed, Shape shape, const std::string& uids);

  // Each returns what was broken, as sentences, and makes the directory stay where there is any. Interrupted
  // passes.

  // A round with several deaths at random.
  std::vector<std::string> atRandom(uint64_t round);
  // A round with a death at this point; that it is never reached is a fault too.
  std::vector<std::string> at(size_t point, uint64_t round);

  Plan planAtRandom(uint64_t round) const { return planRound(seed_, round, shape_); }
  Plan planAt(size_t point, uint64_t round) const { return planPoint(seed_, round, shape_, point); }
  // Submitted in the last round.
  size_t lastTasks() const { return last_tasks_; }
  Scene& scene() { return scene_; }
  // Of all tasks so far: lines of "status: count", beginning with pending and running.
  std::string statusDistribution();

 private:
  std::vector<std::string> guarded(const std::function<void(std::vector<Submitted>&)>& round);

  const uint64_t seed_;
  const Shape shape_;
  Scene scene_;
  Invariants invariants_;
  size_t last_tasks_ = 0;
};

// For a person: everything that is needed to see it again.
std::string report(uint64_t seed, uint64_t round, const std::string& plan,
                   const std::vector<std::string>& faults, const std::string& kept);

}  // namespace vx11::torture
