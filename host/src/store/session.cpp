#include "store/session.hpp"

#include <sqlite3.h>

#include <mutex>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/Utility.h>

#include "base/error.hpp"
#include "store/storage_error.hpp"

namespace vx11::store {

namespace {

// Poco's own wait would be repeated each 10 ms for a minute (SessionImpl::open); ours is SQLite's
// busy_timeout.
constexpr size_t kNoLoginWait = 0;

Poco::Data::Session connect(const std::filesystem::path& file) {
  static std::once_flag once;
  std::call_once(once, [] { Poco::Data::SQLite::Connector::registerConnector(); });
  try {
    return {Poco::Data::SQLite::Connector::KEY, file.string(), kNoLoginWait};
  } catch (const Poco::Exception& e) {
    throw storageError(e, file);
  }
}

void requireSetting(Session& session, const std::string& pragma, const std::string& value,
                    const std::filesystem::path& file) {
  const std::string answer = session.ask("PRAGMA " + pragma);
  if (answer == value) return;
  throw Error(ErrorCode::kStorage,
              "The database " + file.string() + " does not take PRAGMA " + pragma + "=" + value +
                  " (it stays " + answer +
                  "): its file system lacks the locks or shared memory that SQLite needs; put "
                  "the state directory on a local disk.");
}

}  // namespace

Session::Session(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout)
    : file_(file), session_(connect(file)) {
  runOnce("PRAGMA busy_timeout=" + std::to_string(busy_timeout.count()));
  runOnce("PRAGMA foreign_keys=ON");
  runOnce("PRAGMA temp_store=MEMORY");
  runOnce("PRAGMA mmap_size=0");
}

void Session::query(Sql sql, std::initializer_list<Value> values, const OnRow& on_row) {
  for (const Value& value : values) bound_bytes_ += value.size();
  auto& statement = statements_[sql.text];
  try {
    if (!statement) statement = std::make_unique<KeptStatement>(session_, sql.text);
    statement->run(values, on_row);
  } catch (const Poco::Exception& e) {
    statement.reset();
    throw storageError(e, file_);
  } catch (...) {
    statement.reset();
    throw;
  }
}

void Session::runOnce(const std::string& sql, const OnRow& on_row) {
  try {
    KeptStatement(session_, sql).run({}, on_row);
  } catch (const Poco::Exception& e) {
    throw storageError(e, file_);
  }
}

std::string Session::ask(const std::string& sql) {
  std::string answer;
  runOnce(sql, [&](Row& row) { answer = row.text(); });
  return answer;
}

int64_t Session::changes() {
  int64_t count = 0;
  query("SELECT changes()", {}, [&](Row& row) { count = row.integer(); });
  return count;
}

// Poco's autoCommit feature asks sqlite3_get_autocommit; its own isTransaction() does not see our BEGIN.
bool Session::inTransaction() {
  return !session_.getFeature("autoCommit");
}

WriteSession::WriteSession(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout)
    : Session(file, busy_timeout), busy_timeout_(busy_timeout) {
  ask("PRAGMA journal_mode=WAL");
  requireSetting(*this, "journal_mode", "wal", file);
  runOnce("PRAGMA synchronous=FULL");
  requireSetting(*this, "synchronous", "2", file);
  requireSetting(*this, "foreign_keys", "1", file);
  runOnce("PRAGMA cache_size=-2048");
  // What a long reader made the WAL grow beyond 32 MiB is cut off again.
  ask("PRAGMA journal_size_limit=33554432");
  // In the place of SQLite's own automatic checkpoint, which would keep those waiting whose commit meets it.
  sqlite3_wal_hook(
      Poco::Data::SQLite::Utility::dbHandle(connection()),
      [](void* frames, sqlite3*, const char*, int count) {
        *static_cast<uint64_t*>(frames) = static_cast<uint64_t>(count);
        return SQLITE_OK;
      },
      &wal_frames_);
}

void WriteSession::commit() {
  run("COMMIT");
  commits_.fetch_add(1, std::memory_order_relaxed);
}

void WriteSession::rollback() {
  if (inTransaction()) run("ROLLBACK");
}

void WriteSession::checkpoint() {
  run("PRAGMA wal_checkpoint(PASSIVE)");
}

void WriteSession::restartWal(std::chrono::milliseconds wait) {
  runOnce("PRAGMA busy_timeout=" + std::to_string(wait.count()));
  try {
    run("PRAGMA wal_checkpoint(RESTART)");
  } catch (...) {
    runOnce("PRAGMA busy_timeout=" + std::to_string(busy_timeout_.count()));
    throw;
  }
  runOnce("PRAGMA busy_timeout=" + std::to_string(busy_timeout_.count()));
}

ReadSession::ReadSession(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout)
    : Session(file, busy_timeout) {
  runOnce("PRAGMA query_only=ON");
  runOnce("PRAGMA cache_size=-256");
}

void ReadSession::begin() {
  end();  // a transaction that could not be ended would stay in the way for ever
  run("BEGIN DEFERRED");
}

void ReadSession::end() {
  if (inTransaction()) run("ROLLBACK");
}

}  // namespace vx11::store
