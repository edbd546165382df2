// A connection to the database with its kept statements. Used by one thread at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <unordered_map>

#include <Poco/Data/Session.h>

#include "store/statement.hpp"

namespace vx11::store {

// SQL that is a literal of the program: its address is the key under which the prepared statement is kept.
struct Sql {
  consteval Sql(const char* literal) : text(literal) {}
  const char* text;
};

class Session {
 public:
  // Connects to a file that exists, and applies the settings that all connections share. Throws
  // Error{kStorage}.
  Session(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs a statement that is kept for the next time. Throws Error: kConflict where a UNIQUE column is taken,
  // kStorage for what lies outside the program (disk, lock, damage), kInternal for the rest.
  void run(Sql sql, std::initializer_list<Value> values = {}) { query(sql, values, nullptr); }
  void query(Sql sql, std::initializer_list<Value> values, const OnRow& on_row);
  // The same for a statement that is not kept.
  void runOnce(const std::string& sql, const OnRow& on_row = nullptr);
  // The first column of the only row, as text; empty where there is none.
  std::string ask(const std::string& sql);

  // Rows that the last INSERT, UPDATE or DELETE touched. Half the price of RETURNING.
  int64_t changes();
  bool inTransaction();
  // Bytes of all values bound so far: how large the transactions are.
  size_t boundBytes() const { return bound_bytes_; }

 protected:
  Poco::Data::Session& connection() { return session_; }

 private:
  std::filesystem::path file_;
  Poco::Data::Session session_;
  std::unordered_map<const char*, std::unique_ptr<KeptStatement>> statements_;
  size_t bound_bytes_ = 0;
};

// The writer's connection.
class WriteSession : public Session {
 public:
  // Asks for WAL and synchronous=FULL, and checks the answers.
  WriteSession(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout);

  void begin() { run("BEGIN IMMEDIATE"); }
  void commit();
  // Ends the transaction where there is still one: SQLite ends it by itself for some errors.
  void rollback();
  // Copies what is committed from the WAL into the database file, so that a later commit starts at its front
  // again.
  void checkpoint();
  // The same, after waiting at most `wait` for readers that still use the WAL, so that it certainly does.
  void restartWal(std::chrono::milliseconds wait);

  uint64_t commits() const { return commits_.load(std::memory_order_relaxed); }  // any thread
  // Pages in the WAL after the last commit. Each takes 24 bytes more there.
  uint64_t walFrames() const { return wal_frames_; }

 private:
  std::chrono::milliseconds busy_timeout_;
  std::atomic<uint64_t> commits_{0};
  uint64_t wal_frames_ = 0;
};

// A reader's connection; refuses to write.
class ReadSession : public Session {
 public:
  ReadSession(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout);

  // One snapshot from the first SELECT to end().
  void begin();
  void end();
};

}  // namespace vx11::store
