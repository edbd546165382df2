#include "torture.hpp"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/fault_point.hpp"
#include "wait.hpp"

namespace vx11::torture {

namespace {

// Points that are seldom reached get more work, of the same seed.
constexpr uint64_t kEncores = 5;
constexpr uint64_t kEncoreOffset = 1'000'000;
// What comes when nothing does, such as a checkpoint, comes within this.
constexpr std::chrono::milliseconds kQuiet{500 * test::kSlowness};

// The clients' work from its begin to its end, with the blows between.
std::vector<Submitted> work(Scene& scene, const Plan& plan, const std::string& name) {
  Load load(scene.door(), scene.books(), plan.clients, name);
  for (const auto& blow : plan.blows) scene.strike(blow, load);
  const bool done = test::eventually(
      [&] {
        scene.revive();
        return load.done();
      },
      test::kDeadline * 3);
  if (!done) throw Violation("the clients are stuck");
  if (!load.strange().empty()) throw Violation(load.strange().front());
  return load.submitted();
}

void append(std::vector<Submitted>& all, std::vector<Submitted> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

}  // namespace

Torture::Torture(uint64_t seed, Shape shape, const std::string& uids)
    : seed_(seed), shape_(shape), scene_(uids), invariants_(scene_) {}

std::vector<std::string> Torture::atRandom(uint64_t round) {
  const auto plan = planRound(seed_, round, shape_);
  const auto name = "r" + std::to_string(round);
  return guarded([&](std::vector<Submitted>& submitted) {
    append(submitted, work(scene_, plan, name));
    scene_.settle();
  });
}

std::vector<std::string> Torture::at(size_t point, uint64_t round) {
  const auto name = "r" + std::to_string(round);
  return guarded([&](std::vector<Submitted>& submitted) {
    const auto plan = planPoint(seed_, round, shape_, point);
    append(submitted, work(scene_, plan, name));
    for (uint64_t encore = 1;; ++encore) {
      scene_.settle();
      if (test::eventually([&] { return scene_.reached(point); }, kQuiet)) break;
      if (encore > kEncores) {
        throw Violation("the work never comes to the fault point " + std::string(fault::kPoints[point]));
      }
      auto more = planPoint(seed_, round + encore * kEncoreOffset, shape_, point);
      // At the same point, which is lit already where work alone leads there.
      if (wayTo(point) == Way::kLoad || wayTo(point) == Way::kCrowd) more.blows.clear();
      append(submitted, work(scene_, more, name + "e" + std::to_string(encore)));
    }
  });
}

std::vector<std::string> Torture::guarded(const std::function<void(std::vector<Submitted>&)>& round) {
  // Open for an hour at most.
  scene_.daemon().openWindow("spawner");
  std::vector<Submitted> submitted;
  std::vector<std::string> faults;
  try {
    round(submitted);
    scene_.quench();
    scene_.settle();
    last_tasks_ = submitted.size();
    faults = invariants_.check(submitted, scene_.takeSpawnerHit());
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    faults.emplace_back(error.what());
  }
  if (!faults.empty()) setenv("VX11_KEEP_TEMP", "1", 1);
  return faults;
}

std::string Torture::statusDistribution() {
  const test::SqliteReader database(scene_.daemon().database());
  std::string text;
  for (const char* status : {"pending", "running"}) {
    text += std::string(status) + ": " +
            database.value("SELECT count(*) FROM spawns WHERE status = '" + std::string(status) + "'") + "\n";
  }
  for (const auto& row :
       database.rows("SELECT status, count(*) FROM spawns WHERE status NOT IN ('pending', 'running')"
                     " GROUP BY status ORDER BY status")) {
    text += row[0].value_or("NULL") + ": " + row[1].value_or("NULL") + "\n";
  }
  return text;
}

std::string report(uint64_t seed, uint64_t round, const std::string& plan,
                   const std::vector<std::string>& faults, const std::string& kept) {
  constexpr size_t kShown = 20;
  std::string text = "seed " + std::to_string(seed) + ", round " + std::to_string(round) + ":\n" + plan;
  for (size_t i = 0; i < std::min(faults.size(), kShown); ++i) text += "  VIOLATED: " + faults[i] + "\n";
  if (faults.size() > kShown) text += "  and " + std::to_string(faults.size() - kShown) + " more\n";
  return text + "  kept: " + kept + "\n";
}

}  // namespace vx11::torture
