// The one database: SQLite in WAL mode with synchronous=FULL, one writer thread that commits whatever is
// queued as one group, and a pool of readers. Poco::Data stays inside this folder.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <type_traits>

namespace vx11::store {

class WriteSession;  // handed to jobs on the writer thread; the tables' headers say what can be done with it
class ReadSession;   // handed to readers; sees one consistent snapshot during a call of read()

enum class Urgency {
  kNow,   // begins a commit as soon as the writer is free
  kLazy,  // rides along with the next urgent job, or is committed after Options::lazy_delay by itself
};

class Database {
 public:
  struct Options {
    std::filesystem::path file;
    size_t readers = 4;
    std::chrono::milliseconds busy_timeout{5000};  // waiting for a lock that another process holds
    std::chrono::milliseconds lazy_delay{20};
  };

  // Runs on the writer thread inside a transaction, in the order of submission. May run twice (when another
  // job of its group failed, each is repeated in a transaction of its own), so it must have no effect but
  // through the session, or one that can be repeated.
  using Job = std::function<void(WriteSession&)>;
  // Called on the writer thread after COMMIT (null) or with what went wrong. Must not throw or block.
  using Done = std::function<void(std::exception_ptr)>;

  // Opens or creates the file, applies the migrations, starts the writer. Throws Error{kStorage} with a
  // sentence: read-only directory, newer schema, no WAL, locked by another process.
  explicit Database(Options options);
  // Commits what is queued, then closes.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Blocks until the job is durable. Rethrows what the job threw; Error{kStorage} for a full disk, an I/O
  // error or a lock held too long, in which case nothing of the job is in the database.
  void commit(Job job);
  void submit(Job job, Done done, Urgency urgency = Urgency::kNow);
  // Returns when all that was submitted before, lazy jobs too, is committed or has had its error. Like
  // commit(), not to be called from a Done.
  void flush();

  // Runs `reader(ReadSession&)` on the calling thread with a session of the pool, waiting for one where all
  // are in use. Thread-safe.
  template <class Reader>
  auto read(Reader&& reader) -> std::invoke_result_t<Reader, ReadSession&> {
    const Lease lease(*this);
    return reader(lease.session());
  }

  // Jobs that wait for the writer now.
  size_t queued() const;
  // Transactions committed so far: fewer than jobs where they came in groups.
  uint64_t commits() const;

 private:
  class Impl;
  // Borrows a reader session and begins its snapshot; gives both back at the end of the scope.
  class Lease {
   public:
    explicit Lease(Database& database);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ReadSession& session() const { return *session_; }

   private:
    Database& database_;
    ReadSession* session_;
  };

  std::unique_ptr<Impl> impl_;
};

}  // namespace vx11::store
