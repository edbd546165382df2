#include "store/writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "store/session.hpp"

namespace vx11::store {

namespace {

using namespace std::chrono_literals;

// Bounds of one transaction: what a waiter waits for at most, and how much one commit adds to the WAL.
constexpr size_t kMaxGroupJobs = 512;
constexpr size_t kMaxGroupBytes = 8 << 20;

constexpr auto kIdleBeforeCheckpoint = 100ms;

}  // namespace

Writer::Writer(const std::filesystem::path& file, std::unique_ptr<WriteSession> session,
               std::chrono::milliseconds lazy_delay)
    : session_(std::move(session)),
      lazy_delay_(lazy_delay),
      wal_(file, *session_),
      thread_([this] { loop(); }) {
  pthread_setname_np(thread_.native_handle(), "vx11-store");
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::submit(Database::Job job, Database::Done done, Urgency urgency) {
  bool wake = true;
  {
    const std::lock_guard lock(mutex_);
    if (urgency == Urgency::kNow) {
      ++urgent_;
    } else if (queue_.empty()) {
      lazy_due_ = std::chrono::steady_clock::now() + lazy_delay_;
    } else {
      wake = false;
    }
    queue_.push_back({std::move(job), std::move(done), urgency});
  }
  if (wake) wake_.notify_one();
}

size_t Writer::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Writer::loop() {
  std::vector<Entry> group;
  while (take(group)) {
    for (std::span<Entry> left = group; !left.empty();) left = commitSome(left);
    group.clear();
    wal_.tend();
  }
}

bool Writer::take(std::vector<Entry>& group) {
  std::unique_lock lock(mutex_);
  while (urgent_ == 0 && !stopping_) {
    if (!queue_.empty()) {
      if (wake_.wait_until(lock, lazy_due_) == std::cv_status::timeout) break;
    } else if (wal_.checkpointDue()) {
      if (wake_.wait_for(lock, kIdleBeforeCheckpoint) == std::cv_status::timeout && queue_.empty()) {
        lock.unlock();
        wal_.checkpoint();
        lock.lock();
      }
    } else {
      wake_.wait(lock);
    }
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxGroupJobs));
  std::move(queue_.begin(), queue_.begin() + count, std::back_inserter(group));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  urgent_ -= static_cast<size_t>(
      std::count_if(group.begin(), group.end(), [](const Entry& e) { return e.urgency == Urgency::kNow; }));
  return !group.empty();
}

std::span<Writer::Entry> Writer::commitSome(std::span<Entry> entries) {
  Outcome outcome = transact(entries);
  if (!outcome.begun) {
    // A lock of another process: nobody's fault, and each would wait for it as long again.
    finish(entries, std::move(outcome.error));
    return {};
  }
  const auto tried = entries.first(outcome.tried);
  const auto rest = entries.subspan(outcome.tried);
  if (!outcome.error || tried.size() == 1) {
    finish(tried, std::move(outcome.error));
    return rest;
  }
  for (size_t i = 0; i < tried.size(); ++i) {
    Outcome alone = transact(tried.subspan(i, 1));
    if (!alone.begun) {
      finish(entries.subspan(i), std::move(alone.error));
      return {};
    }
    finish(tried.subspan(i, 1), std::move(alone.error));
  }
  return rest;
}

Writer::Outcome Writer::transact(std::span<Entry> entries) {
  Outcome outcome;
  try {
    session_->begin();
    outcome.begun = true;
    const size_t bound = session_->boundBytes();
    for (const Entry& entry : entries) {
      ++outcome.tried;
      entry.job(*session_);
      if (session_->boundBytes() - bound > kMaxGroupBytes) break;
    }
    VX11_FAULT_POINT("store.before_commit");
    session_->commit();
    VX11_FAULT_POINT("store.after_commit");
  } catch (...) {
    outcome.error = std::current_exception();
    try {
      session_->rollback();
    } catch (const std::exception& e) {
      log::error("store.rollback_failed", {{"error", e.what()}});
    }
  }
  return outcome;
}

void Writer::finish(std::span<Entry> entries, std::exception_ptr error) {
  for (Entry& entry : entries) {
    if (!entry.done) continue;
    try {
      // The last one gets our own reference, so that the exception ends with the thread that reads it.
      entry.done(&entry == &entries.back() ? std::move(error) : error);
    } catch (const std::exception& e) {
      log::error("store.done_threw", {{"error", e.what()}});
    }
  }
}

}  // namespace vx11::store
