#include "store/database.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "store/database_file.hpp"
#include "store/migrations.hpp"
#include "store/reader_pool.hpp"
#include "store/writer.hpp"

namespace vx11::store {

namespace {

std::unique_ptr<WriteSession> openWriter(const Database::Options& options) {
  prepareFile(options.file);
  auto session = std::make_unique<WriteSession>(options.file, options.busy_timeout);
  migrate(*session, options.file);
  return session;
}

Database::Options absolute(Database::Options options) {
  options.file = std::filesystem::absolute(options.file);
  return options;
}

}  // namespace

class Database::Impl {
 public:
  // The writer's connection comes first: it makes the file and the schema that readers expect.
  explicit Impl(const Options& options) : Impl(options, openWriter(options)) {}

  ReaderPool readers;
  Writer writer;

 private:
  Impl(const Options& options, std::unique_ptr<WriteSession> session)
      : readers(options.file, options.readers, options.busy_timeout),
        writer(options.file, std::move(session), options.lazy_delay) {}
};

Database::Database(Options options) : impl_(std::make_unique<Impl>(absolute(std::move(options)))) {}

Database::~Database() = default;

void Database::commit(Job job) {
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
  std::exception_ptr error;
  impl_->writer.submit(
      std::move(job),
      [&](std::exception_ptr e) {
        const std::lock_guard lock(mutex);
        error = std::move(e);
        done = true;
        wake.notify_one();  // under the lock: the waiter's stack ends with its wait
      },
      Urgency::kNow);
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return done; });
  if (error) std::rethrow_exception(std::move(error));
}

void Database::submit(Job job, Done done, Urgency urgency) {
  impl_->writer.submit(std::move(job), std::move(done), urgency);
}

void Database::flush() {
  try {
    commit([](WriteSession&) {});
  } catch (const Error& e) {
    // The jobs before this one have had their own answers.
    log::warning("store.flush_failed", {{"error", e.what()}});
  }
}

size_t Database::queued() const {
  return impl_->writer.queued();
}

uint64_t Database::commits() const {
  return impl_->writer.commits();
}

Database::Lease::Lease(Database& database) : database_(database), session_(&database.impl_->readers.take()) {
  try {
    session_->begin();
  } catch (...) {
    database_.impl_->readers.give(*session_);
    throw;
  }
}

Database::Lease::~Lease() {
  try {
    session_->end();
  } catch (const std::exception& e) {
    log::warning("store.read_end_failed", {{"error", e.what()}});
  }
  database_.impl_->readers.give(*session_);
}

}  // namespace vx11::store
