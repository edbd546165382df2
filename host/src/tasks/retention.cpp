#include "tasks/retention.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/database.hpp"
#include "store/expired.hpp"

namespace vx11::tasks {

namespace {

// One commit of some milliseconds, and then room for others.
constexpr int kAtOnce = 100;
constexpr std::chrono::milliseconds kBreath{100};
constexpr std::chrono::minutes kLookAgain{1};

void removeFile(const std::filesystem::path& spool, const std::string& name) {
  // A row that somebody changed must not lead out of the spool.
  if (name.empty() || name.find('/') != std::string::npos) return;
  std::error_code ignored;
  std::filesystem::remove(spool / name, ignored);
}

}  // namespace

Retention::Retention(store::Database& database, std::filesystem::path spool, std::chrono::days kept)
    : database_(database), spool_(std::move(spool)), kept_(kept) {}

Retention::~Retention() {
  stop();
}

void Retention::start() {
  if (kept_.count() > 0) thread_ = std::thread([this] { run(); });
}

void Retention::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_requested_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Retention::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const bool more = removeSome();
    lock.lock();
    const auto pause = more ? std::chrono::milliseconds(kBreath) : std::chrono::milliseconds(kLookAgain);
    stop_requested_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

bool Retention::removeSome() {
  try {
    const auto before = wallNow() - kept_;
    const auto old = database_.read(
        [&](store::ReadSession& session) { return store::expired::find(session, before, kAtOnce); });
    if (old.empty()) return false;
    // The files first: a row without its file says so, but a file without its row nobody would ever find.
    for (const auto& spawn : old) {
      removeFile(spool_, spawn.out_file);
      removeFile(spool_, spawn.err_file);
    }
    database_.commit([&](store::WriteSession& session) {
      for (const auto& spawn : old) store::expired::remove(session, spawn);
    });
    log::info("retention.removed", {{"spawns", old.size()}, {"ended_before", isoTime(before)}});
    return true;
  } catch (const std::exception& failure) {
    log::warning("retention.failed", {{"detail", failure.what()}});
    return false;
  }
}

}  // namespace vx11::tasks
