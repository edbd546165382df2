#include "scene.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <utility>

#include <Poco/Exception.h>

#include "spawner_processes.hpp"
#include "sqlite_reader.hpp"
#include "wait.hpp"

namespace vx11::torture {

namespace {

using test::eventually;
using test::kDeadline;
using test::kSlowness;

// Of their exit records: enough for the spawner to write those that are left into a new file (ends.cpp).
constexpr uint64_t kHoardedBytes = 9'000'000;
constexpr auto kPatienceForAnEnd = std::chrono::milliseconds(700);
constexpr auto kPatienceForAll = std::chrono::milliseconds(4000 * kSlowness);

std::atomic<bool> interrupted{false};

}  // namespace

void interrupt() {
  interrupted = true;
}

Scene::Scene(const std::string& uids)
    : uids_(uids),
      daemon_({{"tasks.max_running", std::to_string(kMaxRunning)},
               {"tasks.kill_grace_seconds", "1"},
               {"tasks.inline_output_bytes", "262144"},
               {"tasks.uid_range", uids}}),
      table_(daemon_.directory() / "faults") {
  const auto ground = daemon_.directory() / "books";
  std::filesystem::create_directory(ground);
  // Without the sticky bit, which would keep one user id from adding to another's file
  // (fs.protected_regular).
  chmod(ground.c_str(), 0777);
  books_ = {ground / "ledger", ground / "counts"};
  test::writeFile(books_.ledger, "", 0666);
  test::writeFile(books_.counts, "", 0666);
  daemon_.setEnvironment(fault::kVariable, table_.file().string());
  daemon_.start();
  daemon_.openWindow("spawner");
  door_.open(daemon_.http());
}

// What is still lit must not be what ends the host now.
Scene::~Scene() {
  quench();
}

void Scene::quench() {
  std::erase_if(lit_, [this](size_t point) { return table_.quench(point); });
}

bool Scene::takeSpawnerHit() {
  return std::exchange(spawner_hit_, false);
}

void Scene::note(size_t point) {
  ++deaths_[std::string(fault::kPoints[point])];
  lit_.erase(point);
  if (isSpawners(point)) spawner_hit_ = true;
}

void Scene::revive() {
  if (interrupted) throw Interrupted();
  bool host_may_be_dead = false;
  for (const size_t point : std::set<size_t>(lit_)) {
    if (table_.lit(point)) continue;
    note(point);
    host_may_be_dead = host_may_be_dead || !isSpawners(point);
  }
  if (host_may_be_dead) {
    // Its fuse is burnt, so it dies in this moment, if it has not yet.
    if (!eventually([&] { return !daemon_.running(); }))
      throw Violation("the host lives on at a fault point");
  } else if (daemon_.running()) {
    return;
  } else {
    // A fuse may have burnt between the two looks, or the signal that is for us all have ended it.
    if (interrupted) throw Interrupted();
    for (const size_t point : lit_)
      host_may_be_dead = host_may_be_dead || (!isSpawners(point) && !table_.lit(point));
    if (!host_may_be_dead) throw Violation("the host ended by itself; its log is kept");
    return revive();
  }
  door_.shut();
  start();
}

// A fuse may burn while the host starts, for it agrees with its spawner then.
void Scene::start() {
  for (;;) {
    try {
      daemon_.start();
      door_.open(daemon_.http());
      return;
    } catch (const std::runtime_error& error) {
      bool burnt = false;
      for (const size_t point : std::set<size_t>(lit_)) {
        if (table_.lit(point)) continue;
        burnt = burnt || !isSpawners(point);
        note(point);
      }
      if (!burnt) throw Violation(std::string("the host does not start again: ") + error.what());
    }
  }
}

uint64_t Scene::recordBytes() const {
  struct stat status {};
  return stat((daemon_.stateDirectory() / "spool" / "records.log").c_str(), &status) == 0
             ? static_cast<uint64_t>(status.st_size)
             : 0;
}

void Scene::killHost(bool lets_end) {
  if (!daemon_.running()) return revive();
  ++deaths_["host"];
  daemon_.kill9();
  door_.shut();
  const auto before = recordBytes();
  if (lets_end) eventually([&] { return recordBytes() != before; }, kPatienceForAnEnd);
  start();
}

void Scene::killSpawner() {
  // There may be none at the moment, because the last one has just died.
  std::vector<pid_t> found;
  eventually([&] {
    revive();
    found = test::spawnersOf(daemon_.spawnerSocket());
    return !found.empty();
  });
  if (found.empty()) throw Violation("no spawner comes");
  ++deaths_["spawner"];
  spawner_hit_ = true;
  kill(found[0], SIGKILL);
}

// By the database, whatever the host says, and by the host.
void Scene::settle() {
  std::string left;
  const bool settled = eventually(
      [&] {
        revive();
        test::Answer status;
        try {
          status = daemon_.http().get("/vx11/status");
        } catch (const Poco::Exception&) {
          return false;  // a fuse has burnt in this moment
        }
        left =
            test::SqliteReader(daemon_.database())
                .value("SELECT group_concat(name || ' ' || status, ', ') FROM spawns WHERE ended_at IS NULL");
        return left == "NULL" && status.text("tasks_running") == "0" && status.text("tasks_queued") == "0";
      },
      kDeadline * 3);
  if (!settled) throw Violation("tasks do not end: " + left);
}

void Scene::waitForSubmissions(size_t count, const Load& load) {
  const bool come = eventually(
      [&] {
        revive();
        return load.done() || load.begun() >= count;
      },
      kDeadline * 2);
  if (!come) throw Violation("the clients are stuck");
}

void Scene::waitUntilBurnt(size_t point, const Load& load) {
  eventually([&] { return !table_.lit(point) || load.done(); }, kDeadline);
  revive();
}

void Scene::strike(const Blow& blow, const Load& load) {
  waitForSubmissions(blow.after, load);
  switch (blow.target) {
    case Target::kHost:
      return killHost(blow.lets_end);
    case Target::kSpawner:
      return killSpawner();
    case Target::kBoth:
      killSpawner();
      return killHost(false);
    case Target::kPoint:
      return strikePoint(blow, load);
  }
}

void Scene::strikePoint(const Blow& blow, const Load& load) {
  const auto light = [&](size_t point, uint64_t hits) {
    lit_.insert(point);
    table_.light(point, hits);
  };
  switch (wayTo(blow.point)) {
    case Way::kLoad:
    case Way::kCrowd:
      return light(blow.point, blow.hits);
    case Way::kReconnect:
      light(blow.point, blow.hits);
      return blow.trigger == Target::kHost ? killHost(blow.lets_end) : killSpawner();
    case Way::kLostStart: {
      light(blow.point, blow.hits);
      constexpr size_t kBeforeSend = fault::indexOf("start.before_send");
      light(kBeforeSend, 1);
      return waitUntilBurnt(kBeforeSend, load);
    }
    case Way::kHoard:
      if (!daemon_.running()) return revive();
      ++deaths_["host"];
      daemon_.kill9();
      door_.shut();
      eventually([&] { return recordBytes() >= kHoardedBytes; }, kPatienceForAll);
      light(blow.point, blow.hits);
      return start();
  }
}

}  // namespace vx11::torture
