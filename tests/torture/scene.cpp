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
constexpr uint64_t kHoardedBytes = 8'000'000;
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
               {"tasks.retry_delay_seconds", "0"},
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
  daemon_.useMemoryForTasks();
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

bool Scene::noteBurnt() {
  bool hosts = false;
  std::erase_if(lit_, [&](size_t point) {
    if (table_.lit(point)) return false;
    ++deaths_[std::string(fault::kPoints[point])];
    (isSpawners(point) ? spawner_hit_ : hosts) = true;
    return true;
  });
  return hosts;
}

void Scene::revive() {
  if (interrupted) throw Interrupted();
  bool burnt = noteBurnt();
  if (!burnt && daemon_.running()) return;
  // It may burn between the two looks; and a host that is as interrupted as we are has not failed.
  burnt = burnt || noteBurnt();
  if (!burnt && interrupted) throw Interrupted();
  if (!burnt) throw Violation("the host ended by itself");
  // Who has burnt the fuse dies in this moment, if it has not yet.
  if (!eventually([&] { return !daemon_.running(); })) throw Violation("the host lives on at a fault point");
  door_.shut();
  start();
}

// A fuse may burn while the host starts, for it agrees with its spawner then.
void Scene::start() {
  for (;;) {
    try {
      daemon_.start();
      return door_.open(daemon_.http());
    } catch (const std::runtime_error& error) {
      if (!noteBurnt()) throw Violation(std::string("the host does not start again: ") + error.what());
    }
  }
}

uint64_t Scene::recordBytes() const {
  struct stat status {};
  return stat((daemon_.stateDirectory() / "spool" / "records.log").c_str(), &status) == 0
             ? static_cast<uint64_t>(status.st_size)
             : 0;
}

void Scene::killHost() {
  ++deaths_["host"];
  daemon_.kill9();
  door_.shut();
  noteBurnt();  // in this moment: it is dead either way
}

void Scene::replaceHost(bool lets_end) {
  killHost();
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
  meetSpawner(found[0]);
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
      return replaceHost(blow.lets_end);
    case Target::kSpawner:
      return killSpawner();
    case Target::kBoth:
      killSpawner();
      return replaceHost(false);
    case Target::kPoint:
      return strikePoint(blow, load);
  }
}

void Scene::strikePoint(const Blow& blow, const Load& load) {
  const auto light = [&](size_t point, uint64_t hits) {
    // Not again where it may have burnt a moment ago.
    if (lit_.insert(point).second) table_.light(point, hits);
  };
  switch (wayTo(blow.point)) {
    case Way::kLoad:
    case Way::kCrowd:
      return light(blow.point, blow.hits);
    case Way::kReconnect:
      light(blow.point, blow.hits);
      return blow.trigger == Target::kHost ? replaceHost(blow.lets_end) : killSpawner();
    case Way::kLostStart: {
      light(blow.point, blow.hits);
      constexpr size_t kBeforeSend = fault::indexOf("start.before_send");
      light(kBeforeSend, 1);
      return waitUntilBurnt(kBeforeSend, load);
    }
    case Way::kHoard:
      killHost();
      eventually([&] { return recordBytes() >= kHoardedBytes; }, kPatienceForAll);
      light(blow.point, blow.hits);
      return start();
  }
}

}  // namespace vx11::torture
