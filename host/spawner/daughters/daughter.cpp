#include "spawner/daughters/daughter.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "spawner/daughters/init.hpp"
#include "spawner/daughters/prepared_child.hpp"
#include "spawner/daughters/process_table.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

using std::chrono::milliseconds;

// Most daughters end sooner and say less than a pipe holds: their output is read once, at the end, and nobody
// is told that they started but with their end. That saves a dozen system calls and five wake-ups a daughter,
// here and in the host. One that fills its pipe sooner is not kept waiting as long.
constexpr milliseconds kMoment{10};
constexpr milliseconds kFirstLook{2};
constexpr milliseconds kListenRetry{50};
constexpr milliseconds kSweepLimit{5000};
constexpr milliseconds kSlowestRetry{50};
constexpr milliseconds kLingerRetry{1000};
constexpr uint64_t kLongestMs = 400ULL * 86'400 * 1000;  // more would overflow no clock, but helps nobody
constexpr const char* kOverOutputLimit = "it wrote more than is kept of its output (on_output_limit: kill)";
constexpr uint64_t kMaxInlineBytes = 16 * 1024 * 1024;

milliseconds bounded(uint64_t ms) {
  return milliseconds(std::min(ms, kLongestMs));
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

// For `uid`, where it is not 0: else programs of that user could not open /dev/stdout and /dev/stderr, which
// opens the pipe once more, by its owner and mode.
Pipe makePipe(uid_t uid) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw CannotLaunch::fromErrno("cannot make a pipe", errno);
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (uid != 0 && fchown(ends[1], uid, uid) != 0)
    throw CannotLaunch::fromErrno("cannot give away a pipe", errno);
  // Our end only: programs do not expect EAGAIN when they write.
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// Whole seconds as such, for that is what people asked for.
std::string inWords(milliseconds time) {
  constexpr int kSecond = 1000;
  return time.count() % kSecond == 0 ? std::to_string(time.count() / kSecond) + " s"
                                     : std::to_string(time.count()) + " ms";
}

int64_t micros(const timeval& t) {
  return t.tv_sec * 1'000'000LL + t.tv_usec;
}

std::string signalText(int signal) {
  const char* name = sigabbrev_np(signal);
  return "signal " + std::to_string(signal) + (name == nullptr ? "" : std::string(" (SIG") + name + ")");
}

}  // namespace

Daughter::Daughter(Surroundings& around, const Start& start, uid_t uid, CgroupPool::Lease cgroup,
                   std::string directory_name)
    : around_(around),
      nonce_(start.nonce),
      spawn_uuid_(start.spawn_uuid),
      spawn_id_(start.spawn_id),
      correlation_id_(start.correlation_id),
      task_type_(start.task_type),
      directory_name_(std::move(directory_name)),
      ttl_(bounded(start.ttl_ms)),
      kill_grace_(bounded(start.kill_grace_ms)),
      inline_bytes_(std::min(start.inline_output_bytes, kMaxInlineBytes)),
      limits_(start.limits),
      cgroup_(std::move(cgroup)),
      timer_(around.loop, [this] { onTimer(); }),
      listen_again_(around.loop, [this] { listen(); }),
      moment_(around.loop, [this] { onMoment(); }),
      growth_(around.loop, [this] {
        return around_.grown({nonce_, out_->spooled(), err_->spooled()});
      }) {
  for (const auto& file : start.files) files_.push_back(file.name);
  tree_.uid = uid;
  tree_.task_id = start.spawn_uuid;
  tree_.cgroup = cgroup_.get();
}

void Daughter::launch(const LaunchPlan& plan, const std::optional<UniqueFd>& stdin_content) {
  // Opened anew: an own offset, and no way to write where the host's descriptor had one.
  UniqueFd in;
  if (stdin_content) {
    const std::string link = "/proc/self/fd/" + std::to_string(stdin_content->get());
    in.reset(open(link.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) throw CannotLaunch::fromErrno("cannot open the standard input", errno);
  }
  auto out = makePipe(plan.uid);
  auto err = makePipe(plan.uid);

  PreparedChild prepared(plan, around_.files, around_.processes);
  auto& spec = prepared.spec;
  spec.confinement = around_.confinement;
  spec.in = in ? in.get() : around_.null_device;
  spec.out = out.write.get();
  spec.err = err.write.get();
  if (cgroup_) spec.cgroup = cgroup_->descriptor();

  started_at_ = wallNow();
  started_mono_ = monoNow();
  tree_.begun = ticksSinceBoot();
  auto child = startChild(spec);
  if (child.pid < 0) {
    const bool limits = child.failed_at == ChildStage::kClone || child.failed_at == ChildStage::kConfinement;
    const auto what = failedStep(spec, child.failed_at);
    throw limits ? CannotLaunch::atLimit(what, child.error) : CannotLaunch::fromErrno(what, child.error);
  }
  tree_.leader = child.pid;
  program_ = child.program;
  program_end_ = std::move(child.end);
  pidfd_ = std::move(child.pidfd);

  const auto on_output = [this] { onOutput(); };
  const Output::Limits limits{inline_bytes_, limits_.output_bytes};
  out_.emplace(around_.loop, around_.spool, std::move(out.read), nonce_ + ".out", limits, on_output);
  err_.emplace(around_.loop, around_.spool, std::move(err.read), nonce_ + ".err", limits, on_output);
  timer_.arm(started_mono_ + ttl_);
  moment_.arm(started_mono_ + kFirstLook);
  try {
    pidfd_watch_ = Watch(around_.loop, pidfd_.get(), EPOLLIN, [this](uint32_t) { onLeaderDead(); });
  } catch (const CannotLaunch&) {
    // It runs already, so this is an end like any other, only at once.
    stop(End::kInterrupted, "the spawner ran out of resources while it started", milliseconds(0));
  }
}

void Daughter::onMoment() {
  const MonoTime end = started_mono_ + kMoment;
  if (monoNow() < end && !out_->filling() && !err_->filling()) {
    moment_.arm(end);
    return;
  }
  VX11_FAULT_POINT("spawner.started.before_report");
  around_.lasting(*this);
  VX11_FAULT_POINT("spawner.started.after_report");
  listen();
}

void Daughter::listen() {
  try {
    out_->watch();
    err_->watch();
  } catch (const CannotLaunch&) {
    listen_again_.arm(monoNow() + kListenRetry);
  }
}

void Daughter::follow(bool on) {
  if (!on || reported()) return growth_.end();
  out_->spool();
  err_->spool();
  growth_.begin();
}

void Daughter::onOutput() {
  growth_.note();
  if (overOutputLimit()) stop(End::kKilled, kOverOutputLimit, kill_grace_);
}

bool Daughter::overOutputLimit() const {
  return limits_.kill_at_output_limit && (out_->overLimit() || err_->overLimit());
}

Started Daughter::started() const {
  return {nonce_, spawn_uuid_, program_, tree_.uid == 0 ? geteuid() : tree_.uid, microsOf(started_at_)};
}

void Daughter::signalGroup(int signal) {
  // The group's number may be somebody else's by then.
  if (reaped_) return;
  if (program_end_) {
    ::kill(tree_.leader, signal);  // the init, which alone knows whether the group is still there
  } else {
    ::kill(-program_, signal);
    if (signal == SIGTERM) ::kill(-program_, SIGCONT);  // one that is stopped could not act on it
  }
  log::info("daughter.signalled", {{"trace_id", correlation_id_},
                                   {"spawn_id", spawn_id_},
                                   {"task_type", task_type_},
                                   {"pid", program_},
                                   {"signal", signalText(signal)},
                                   {"reason", reason_}});
}

void Daughter::stop(End end, std::string reason, milliseconds grace) {
  const MonoTime kill_at = monoNow() + grace;
  // A grace that it has already may become shorter, never longer.
  if (phase_ == Phase::kStopping && kill_at < kill_at_) timer_.arm(kill_at_ = kill_at);
  if (phase_ != Phase::kRunning) return;
  cause_ = end;
  reason_ = std::move(reason);
  phase_ = Phase::kStopping;
  if (grace.count() > 0) signalGroup(SIGTERM);
  timer_.arm(kill_at_ = kill_at);
}

void Daughter::giveUp() {
  if (reported()) return;
  if (!reaped_) reapLeader();
  around_.trees.kill(tree_);
  phase_ = Phase::kLingering;
  const bool empty = reaped_ && around_.trees.empty(tree_);
  report(empty ? nullptr : "the spawner ended while some of its processes still did");
}

void Daughter::onTimer() {
  switch (phase_) {
    case Phase::kRunning:
      stop(End::kTimeout, "ran longer than its ttl of " + inWords(ttl_), kill_grace_);
      return;
    case Phase::kStopping:
      signalGroup(SIGKILL);
      beginSweep();
      return;
    case Phase::kSweeping:
    case Phase::kLingering:
      sweep();
      return;
    case Phase::kEnded:
      return;
  }
}

void Daughter::reapLeader() {
  siginfo_t status{};
  // The raw call: glibc's waitid has no place for the usage.
  const long result = syscall(SYS_waitid, P_PIDFD, pidfd_.get(), &status, WEXITED | WNOHANG, &usage_);
  if (result != 0 || status.si_pid == 0) return;
  VX11_FAULT_POINT("spawner.leader.reaped");
  reaped_ = true;
  status_ = program_end_ ? readProgramEnd(program_end_).value_or(status) : status;
  ended_at_ = wallNow();
  ended_mono_ = monoNow();
  tree_.leader_reaped = true;
  pidfd_watch_.reset();  // readable for ever now; closing it can wait until the end is reported
  around_.reaped(*this);
}

void Daughter::onLeaderDead() {
  look();
  if (reaped_) return;
  // Somebody traces it, and has its end first: only without that one we get to it.
  pidfd_watch_.reset();
  if (!running()) return;
  timer_.disarm();
  beginSweep();
}

void Daughter::look() {
  if (!reaped_) reapLeader();
  if (!reaped_) return;
  if (running()) {
    timer_.disarm();
    beginSweep();
  } else {
    sweep();
  }
}

void Daughter::beginSweep() {
  phase_ = Phase::kSweeping;
  give_up_at_ = monoNow() + kSweepLimit;
  sweep();
}

void Daughter::sweep() {
  if (phase_ == Phase::kEnded) return;
  if (!reaped_) reapLeader();
  if (reaped_ && around_.trees.empty(tree_)) {
    timer_.disarm();
    const bool first = phase_ == Phase::kSweeping;
    phase_ = Phase::kEnded;
    if (first) report(nullptr);
    around_.gone(*this);
    return;
  }
  around_.trees.kill(tree_);
  if (phase_ == Phase::kSweeping && monoNow() >= give_up_at_) {
    phase_ = Phase::kLingering;
    report("some of its processes did not end within 5 s of SIGKILL");
  }
  // Usually SIGCHLD brings us back here sooner.
  timer_.arm(monoNow() + (phase_ == Phase::kLingering ? kLingerRetry : retry_));
  retry_ = std::min(retry_ * 2, kSlowestRetry);
}

void Daughter::report(const char* left) {
  moment_.disarm();
  listen_again_.disarm();
  follow(false);
  out_->drain();
  err_->drain();
  around_.finished(*this, describeEnd(left));
}

Finished Daughter::describeEnd(const char* left) {
  Finished finished;
  finished.nonce = nonce_;
  finished.spawn_uuid = spawn_uuid_;
  if (!reaped_) {
    ended_at_ = wallNow();
    ended_mono_ = monoNow();
  }
  // Also where it had written it all before anybody looked.
  finished.output_limit = overOutputLimit() && (!cause_ || reason_ == kOverOutputLimit);
  if (finished.output_limit) {
    cause_ = End::kKilled;
    reason_ = kOverOutputLimit;
  }
  const bool exited = reaped_ && status_.si_code == CLD_EXITED;
  if (exited) finished.exit_code = status_.si_status;
  if (reaped_ && !exited) finished.signal = status_.si_status;
  if (cause_) {
    finished.end = *cause_;
    finished.reason = reason_;
  } else if (!reaped_) {
    finished.end = End::kInterrupted;
    finished.reason = "how it ended is known only to the process that traces it";
  } else {
    finished.end = exited ? End::kExited : End::kSignalled;
    if (!exited) finished.reason = "ended by " + signalText(finished.signal);
  }
  const auto add = [&finished](const std::string& sentence) {
    if (sentence.empty()) return;
    if (!finished.reason.empty()) finished.reason += "; ";
    finished.reason += sentence;
  };
  if (left != nullptr) add(left);
  add(out_->loss());
  if (err_->loss() != out_->loss()) add(err_->loss());
  finished.pid = program_;
  finished.started_at_us = microsOf(started_at_);
  finished.ended_at_us = microsOf(ended_at_);
  finished.duration_us =
      std::chrono::duration_cast<std::chrono::microseconds>(ended_mono_ - started_mono_).count();
  finished.user_us = micros(usage_.ru_utime);
  finished.system_us = micros(usage_.ru_stime);
  finished.max_rss_kb = usage_.ru_maxrss;
  finished.out = out_->take();
  finished.err = err_->take();
  finished.tree_empty = left == nullptr;
  return finished;
}

}  // namespace vx11::spawner
