#include "plan.hpp"

#include <algorithm>
#include <string_view>

#include "base/fault_point.hpp"

namespace vx11::torture {

namespace {

constexpr size_t kClients = 4;

// Some are reached at each task, others a few times in a round.
unsigned oftenReached(std::string_view name) {
  if (name.starts_with("wal.") || name.starts_with("window.") || name.starts_with("requeue.") ||
      name.starts_with("cancel."))
    return 1;
  if (name.starts_with("running.") || name.starts_with("spawner.started.")) return 4;
  if (name.starts_with("attempt.")) return 2;
  return 20;
}

std::vector<std::vector<TaskChoice>> chooseTasks(Choice& choice, const Shape& shape) {
  std::vector<std::vector<TaskChoice>> clients(kClients);
  for (size_t i = 0; i < shape.tasks; ++i)
    clients[i % kClients].push_back(chooseTask(choice, shape.percent_slow));
  return clients;
}

Blow chooseHits(Choice& choice, size_t point) {
  Blow blow;
  blow.target = Target::kPoint;
  blow.point = point;
  const bool at_once = wayTo(point) != Way::kLoad && wayTo(point) != Way::kCrowd;
  blow.hits = at_once ? 1 : choice.between(1, oftenReached(fault::kPoints[point]));
  blow.trigger = choice.chance(50) ? Target::kHost : Target::kSpawner;
  return blow;
}

// Those that are hoarded come first, so that all of them have a slot.
void addHoard(Plan& plan) {
  for (auto& client : plan.clients) client.insert(client.begin(), kMaxRunning / kClients, hoardedTask());
}

// They fill all slots for a moment, and some wait.
void addCrowd(Plan& plan) {
  TaskChoice sleeper;
  sleeper.kind = Kind::kSleep;
  sleeper.sleep_ms = 300;
  for (auto& client : plan.clients) client.insert(client.begin(), 2 * kMaxRunning / kClients, sleeper);
}

const char* nameOf(Target target) {
  switch (target) {
    case Target::kHost:
      return "the host";
    case Target::kSpawner:
      return "the spawner";
    case Target::kBoth:
      return "host and spawner";
    case Target::kPoint:
      return "point";
  }
  return "?";
}

}  // namespace

Way wayTo(size_t point) {
  const std::string_view name = fault::kPoints[point];
  if (name.starts_with("reconcile.") || name.starts_with("spawner.hello.")) return Way::kReconnect;
  if (name.starts_with("requeue.")) return Way::kLostStart;
  if (name.starts_with("attempt.")) return Way::kCrowd;
  if (name.starts_with("spawner.compact.")) return Way::kHoard;
  return Way::kLoad;
}

bool isSpawners(size_t point) {
  return fault::kPoints[point].starts_with("spawner.");
}

Plan planRound(uint64_t seed, uint64_t round, const Shape& shape) {
  Choice choice(seed, round);
  Plan plan;
  plan.clients = chooseTasks(choice, shape);
  const unsigned count = choice.between(1, 4);
  bool hoards = false;
  for (unsigned i = 0; i < count; ++i) {
    Blow blow;
    const unsigned dice = choice.below(100);
    if (dice < 45) {
      blow = chooseHits(choice, choice.below(static_cast<unsigned>(fault::kPoints.size())));
      hoards = hoards || wayTo(blow.point) == Way::kHoard;
    } else {
      blow.target = dice < 70 ? Target::kHost : dice < 88 ? Target::kSpawner : Target::kBoth;
    }
    blow.lets_end = choice.chance(25);
    blow.after = choice.below(static_cast<unsigned>(shape.tasks));
    if (blow.target == Target::kPoint && wayTo(blow.point) == Way::kHoard) blow.after = kMaxRunning;
    plan.blows.push_back(blow);
  }
  if (hoards) addHoard(plan);
  std::stable_sort(plan.blows.begin(), plan.blows.end(),
                   [](const Blow& a, const Blow& b) { return a.after < b.after; });
  return plan;
}

Plan planPoint(uint64_t seed, uint64_t round, const Shape& shape, size_t point) {
  Choice choice(seed, round);
  Plan plan;
  plan.clients = chooseTasks(choice, shape);
  Blow blow = chooseHits(choice, point);
  blow.after = choice.below(static_cast<unsigned>(shape.tasks / 3));
  if (wayTo(point) == Way::kCrowd) addCrowd(plan);
  if (wayTo(point) == Way::kHoard) {
    blow.after = kMaxRunning;
    addHoard(plan);
  }
  plan.blows.push_back(blow);
  return plan;
}

std::string describe(const Plan& plan) {
  std::string text;
  for (const auto& blow : plan.blows) {
    text += "  after " + std::to_string(blow.after) + " submissions: " + nameOf(blow.target);
    if (blow.target == Target::kPoint) {
      text += " " + std::string(fault::kPoints[blow.point]) + ", hit " + std::to_string(blow.hits);
      if (wayTo(blow.point) == Way::kReconnect)
        text += ", by the death of " + std::string(nameOf(blow.trigger));
    }
    if (blow.lets_end) text += ", and something ends before the host is back";
    text += "\n";
  }
  return text;
}

}  // namespace vx11::torture
