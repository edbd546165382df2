#include "spawner/daughters/daughters.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "spawner/daughters/child.hpp"
#include "spawner/daughters/launch_plan.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

// One file for all installations of this machine.
constexpr const char* kUidLocks = "/run/vx11-uids.lock";

// A pass takes about a millisecond: often enough for tidiness, too seldom to be felt.
constexpr std::chrono::seconds kSweepDelay{1};

// A full disk may have room again.
constexpr std::chrono::seconds kRecordRetry{1};

constexpr int kReapsEachTurn = 256;

// Both become parts of file names.
bool isPlainName(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= 100 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

const char* nameOf(End end) {
  switch (end) {
    case End::kExited:
      return "exited";
    case End::kSignalled:
      return "signalled";
    case End::kTimeout:
      return "timeout";
    case End::kKilled:
      return "killed";
    case End::kInterrupted:
      return "interrupted";
    case End::kSpawnError:
      return "spawn_error";
  }
  return "unknown";
}

// Null, and the reason in the log, where daughters must do without.
std::unique_ptr<CgroupPool> openCgroups(bool wanted) {
  if (!wanted) return nullptr;
  try {
    auto pool = std::make_unique<CgroupPool>();
    const auto cgroup = pool->acquire();
    const int error = cgroup ? tryCgroup(cgroup->descriptor()) : errno;
    if (error == 0) return pool;
    log::info("cgroups.unusable", {{"reason", "cannot put a process there: " + errnoText(error)}});
  } catch (const CgroupPool::Unusable& error) {
    log::info("cgroups.unusable", {{"reason", error.what()}});
  }
  return nullptr;
}

// Where nothing else ends trees without gaps, each gets an init of its own.
std::unique_ptr<Confinement> openConfinement(const Options& options, const TaskDirectories& tasks,
                                             const CgroupPool* cgroups) {
  if (!options.namespaces || geteuid() == 0) return nullptr;
  try {
    auto hidden = options.hidden;
    if (cgroups != nullptr) hidden.push_back(cgroups->path());
    auto confinement = std::make_unique<Confinement>(std::move(hidden), tasks.path());
    confinement->useInit(cgroups == nullptr && options.pid_namespaces);
    if (tasks.inMemory()) confinement->limitDirectory(options.max_directory_bytes);
    int error = tryConfinement(*confinement);
    if (error != 0 && confinement->hasInit()) {
      log::info("pid_namespaces.unusable", {{"reason", errnoText(error)}});
      confinement->useInit(false);
      error = tryConfinement(*confinement);
    }
    if (error == 0) return confinement;
    log::warning("namespaces.unusable", {{"reason", "cannot make one: " + errnoText(error)}});
  } catch (const Confinement::Unusable& error) {
    log::warning("namespaces.unusable", {{"reason", error.what()}});
  }
  return nullptr;
}

std::unique_ptr<Trees> makeTrees(const std::optional<UidPool>& uids, bool cgroups, bool inits,
                                 const std::map<pid_t, std::string>& leaders) {
  if (inits) return makePidNamespaceTrees();
  auto trees = uids ? makeUidTrees(uids->sweeper(), leaders) : makeSweepTrees(leaders);
  return cgroups ? makeCgroupTrees(std::move(trees)) : std::move(trees);
}

}  // namespace

Daughters::Daughters(EventLoop& loop, const Options& options, rlimit files, Reporter& reporter)
    : loop_(loop),
      reporter_(reporter),
      log_plans_(options.log_plans),
      spool_(options.spool, options.host_uid, options.max_output_bytes),
      directories_(options.tasks, geteuid() == 0, options.max_directory_bytes),
      uids_(geteuid() == 0 ? std::make_optional<UidPool>(options.uid_range, kUidLocks) : std::nullopt),
      sweep_timer_(loop, [this] { beginSweep(); }),
      reap_timer_(loop, [this] { reap(); }),
      ends_(spool_.descriptor()),
      record_timer_(loop, [this] { writeRecords(); }),
      cgroups_(openCgroups(options.cgroups)),
      confinement_(openConfinement(options, directories_, cgroups_.get())),
      trees_(makeTrees(uids_, cgroups_ != nullptr, confinement_ && confinement_->hasInit(), leaders_)),
      removal_(loop, directories_.descriptor()),
      leftovers_removal_(loop, directories_.leftoversDescriptor()),
      null_device_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      around_{loop,
              *trees_,
              spool_,
              confinement_.get(),
              null_device_.get(),
              files,
              options.max_processes == 0 ? RLIM_INFINITY : rlim_t{options.max_processes},
              [this](const Daughter& daughter) { reporter_.report(daughter.started()); },
              [this](const Daughter& daughter) { forgetLeader(daughter.leader()); },
              [this](Daughter& daughter, const Finished& finished) { onFinished(daughter, finished); },
              [this](Daughter& daughter) { onGone(daughter); },
              [this](const Grown& grown) { return onGrown(grown); }} {
  // A cgroup belongs to our user then, and so to the daughter: one that mounts its own view of it, or passes
  // a descriptor on, has a hold on whoever is in there next.
  if (cgroups_ && !uids_) cgroups_->neverReuse();
  if (!null_device_) throw CannotStart("cannot open /dev/null: " + errnoText(errno));
  if (uids_) {
    sweep_.emplace(
        loop, [this](uid_t uid) { return uids_->isSwept(uid); },
        [this](const std::set<uid_t>& left) { onSwept(left); });
  }
  endLeftovers();
}

void Daughters::endLeftovers() {
  // A task's directory outlives every process of the task, so its name tells whom to look for.
  std::set<std::string> task_ids;
  for (const auto& name : directories_.leftovers()) {
    const size_t dot = name.find('.');
    // An empty one would be every process's that has no such variable.
    if (dot != std::string::npos && dot > 0) task_ids.insert(name.substr(0, dot));
    leftovers_removal_.add(name, {}, nullptr);
  }
  if (!uids_ && !task_ids.empty()) endTasks(task_ids);
  if (sweep_) beginSweep();
}

std::string Daughters::objection(const Start& start) const {
  if (!isPlainName(start.nonce)) return "the nonce is not made of 1 to 100 letters, digits, '_' and '-'";
  if (!isPlainName(start.spawn_uuid))
    return "the spawn_uuid is not made of 1 to 100 letters, digits, '_' and '-'";
  if (start.ttl_ms == 0) return "the ttl is zero";
  if (daughters_.count(start.nonce) != 0) return "this nonce is running";
  if (ends_.isKnown(start.nonce)) return "this nonce was used before";
  return {};
}

void Daughters::refuse(const Start& start, bool transient, const std::string& reason) {
  log::warning("daughter.refused", {{"trace_id", start.correlation_id},
                                    {"spawn_id", start.spawn_id},
                                    {"task_type", start.task_type},
                                    {"transient", transient ? "yes" : "no"},
                                    {"reason", reason}});
  reporter_.report(Refused{start.nonce, start.spawn_uuid, transient, reason});
}

void Daughters::failToStart(const Start& start, const std::string& reason) {
  log::warning("daughter.failed", {{"trace_id", start.correlation_id},
                                   {"spawn_id", start.spawn_id},
                                   {"task_type", start.task_type},
                                   {"end", nameOf(End::kSpawnError)},
                                   {"reason", reason}});
  Finished finished;
  finished.nonce = start.nonce;
  finished.spawn_uuid = start.spawn_uuid;
  finished.end = End::kSpawnError;
  finished.reason = reason;
  finished.ended_at_us = microsOf(wallNow());
  finished.tree_empty = true;
  ends_.remember(start.nonce);
  ends_.add(finished, !reporter_.connected());
  writeRecords();
  reporter_.report(std::move(finished));
}

void Daughters::start(Start start) {
  VX11_FAULT_POINT("spawner.start.received");
  if (stopping_) return refuse(start, true, "the spawner is stopping");
  if (const auto reason = objection(start); !reason.empty()) return refuse(start, false, reason);
  uid_t uid = 0;
  if (uids_) {
    const auto free = uids_->acquire();
    scheduleSweep();
    if (!free) return refuse(start, true, "no user id of the range is free");
    uid = *free;
  }
  std::string directory;
  try {
    directory = directories_.place(start.spawn_uuid + "." + start.nonce);
    launch(start, directory, uid);
  } catch (const CannotLaunch& error) {
    removeDirectory(directory, {}, uid);
    if (error.transient())
      refuse(start, true, error.what());
    else
      failToStart(start, error.what());
  }
}

void Daughters::launch(Start& start, const std::string& directory, uid_t uid) {
  const auto plan = makeLaunchPlan(start, directories_.pathOf(directory), uid);
  if (log_plans_) log::info("daughter.planned", {{"spawn_id", start.spawn_id}, {"plan", toJson(plan)}});
  if (confinement_) confinement_->requireRoomFor(start.files);
  directories_.make(directory, uid, start.files);
  auto cgroup = cgroups_ ? cgroups_->acquire() : CgroupPool::Lease{};
  auto daughter = std::make_unique<Daughter>(around_, start, uid, std::move(cgroup), directory);
  VX11_FAULT_POINT("spawner.start.before_clone");
  daughter->launch(plan, start.stdin_content);
  VX11_FAULT_POINT("spawner.start.after_clone");

  leaders_.emplace(daughter->leader(), start.spawn_uuid);
  by_pid_.emplace(daughter->leader(), daughter.get());
  log::info("daughter.started", {{"trace_id", start.correlation_id},
                                 {"spawn_id", start.spawn_id},
                                 {"task_type", start.task_type},
                                 {"pid", daughter->pid()},
                                 {"uid", uids_ ? uid : geteuid()},
                                 {"program", start.program}});
  daughters_.emplace(start.nonce, std::move(daughter));
}

// At once, for the next process may have its pid.
void Daughters::forgetLeader(pid_t leader) {
  leaders_.erase(leader);
  by_pid_.erase(leader);
}

void Daughters::onFinished(const Daughter& daughter, const Finished& finished) {
  // The record first: what was reported must not be forgotten.
  ends_.remember(finished.nonce);
  VX11_FAULT_POINT("spawner.record.before_write");
  ends_.add(finished, !reporter_.connected());
  writeRecords();
  VX11_FAULT_POINT("spawner.record.after_write");
  reporter_.report(finished);
  VX11_FAULT_POINT("spawner.record.after_report");
  log::info("daughter.finished", {{"trace_id", daughter.correlationId()},
                                  {"spawn_id", daughter.spawnId()},
                                  {"task_type", daughter.taskType()},
                                  {"pid", daughter.pid()},
                                  {"end", nameOf(finished.end)},
                                  {"exit_code", finished.exit_code},
                                  {"signal", finished.signal},
                                  {"duration_us", finished.duration_us},
                                  {"out_bytes", finished.out.total_bytes},
                                  {"err_bytes", finished.err.total_bytes},
                                  {"tree_empty", finished.tree_empty ? "yes" : "no"}});
}

void Daughters::writeRecords() {
  if (!ends_.writeMissing()) record_timer_.arm(monoNow() + kRecordRetry);
}

void Daughters::onGone(Daughter& daughter) {
  VX11_FAULT_POINT("spawner.directory.before_removal");
  removeDirectory(daughter.directoryName(), daughter.takeFiles(), daughter.uid());
  const auto place = daughters_.find(daughter.nonce());
  gone_.push_back(std::move(place->second));
  daughters_.erase(place);
}

void Daughters::removeDirectory(const std::string& name, std::vector<std::string> files, uid_t uid) {
  // The id is free only when nothing is left of its last user for the next one to find: not in its directory,
  // and, by the sweep, not in the places of everybody.
  removal_.add(name, std::move(files), [this, name, uid](bool gone) {
    const bool hidden = directories_.release(name);
    if ((!gone && !hidden) || !uids_ || uid == 0) return;
    uids_->release(uid);
    scheduleSweep();
  });
}

void Daughters::scheduleSweep() {
  if (uids_->worn() == 0 || sweep_->running()) return;
  if (stopping_ || uids_->sweepIsUrgent())
    sweep_timer_.arm(monoNow());
  else if (!sweep_timer_.armed())
    sweep_timer_.arm(monoNow() + kSweepDelay);
}

void Daughters::beginSweep() {
  uids_->beginSweep();
  sweep_->begin();
}

void Daughters::onSwept(const std::set<uid_t>& left) {
  const size_t resisting = uids_->endSweep(left);
  // What ended meanwhile; what resists is tried again when somebody else ends.
  if (uids_->worn() > resisting) scheduleSweep();
}

void Daughters::kill(const Kill& kill) {
  const auto found = daughters_.find(kill.nonce);
  if (found == daughters_.end()) return;  // its end is on the way, or was never begun
  auto& daughter = *found->second;
  daughter.stop(End::kKilled, kill.reason, daughter.killGrace());
}

void Daughters::acknowledge(const Acknowledge& acknowledge) {
  ends_.acknowledge(acknowledge.nonce);
}

void Daughters::follow(const Follow& follow) {
  const auto found = daughters_.find(follow.nonce);
  if (found != daughters_.end()) found->second->follow(follow.on);  // else its end is on the way
}

void Daughters::followNone() {
  for (const auto& [nonce, daughter] : daughters_) daughter->follow(false);
}

// A host that is behind gets no more of what it will hear anyway.
bool Daughters::onGrown(const Grown& grown) {
  if (!reporter_.ready()) return false;
  reporter_.report(grown);
  return true;
}

void Daughters::stopAll(std::chrono::milliseconds grace) {
  if (stopping_) grace = std::chrono::milliseconds(0);
  stopping_ = true;
  if (uids_) scheduleSweep();
  for (const auto& [nonce, daughter] : daughters_) {
    daughter->stop(End::kInterrupted, "the spawner was told to stop", std::min(grace, daughter->killGrace()));
  }
}

void Daughters::giveUp() {
  for (const auto& [nonce, daughter] : daughters_) daughter->giveUp();
}

void Daughters::reap() {
  bool reaped = false;
  for (int i = 0;; ++i) {
    // A storm of forks must leave time for deadlines, its own among them.
    if (i == kReapsEachTurn) {
      reap_timer_.arm(monoNow());
      break;
    }
    siginfo_t child{};
    // A look only: a leader's status and usage belong to its daughter.
    if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0 || child.si_pid == 0) break;
    const auto leader = by_pid_.find(child.si_pid);
    if (leader != by_pid_.end())
      leader->second->look();
    else if (waitid(P_PID, static_cast<id_t>(child.si_pid), &child, WEXITED | WNOHANG) != 0)
      break;
    reaped = true;
  }
  if (!reaped) return;
  // Orphans went: perhaps they were the last of a tree that is waited for.
  std::vector<Daughter*> waiting;
  for (const auto& [nonce, daughter] : daughters_) {
    if (!daughter->running()) waiting.push_back(daughter.get());
  }
  for (auto* daughter : waiting) daughter->look();
}

std::vector<Started> Daughters::running() const {
  std::vector<Started> list;
  for (const auto& [nonce, daughter] : daughters_) {
    if (!daughter->reported()) list.push_back(daughter->started());
  }
  return list;
}

bool Daughters::allReported() const {
  return std::all_of(daughters_.begin(), daughters_.end(),
                     [](const auto& entry) { return entry.second->reported(); });
}

}  // namespace vx11::spawner
