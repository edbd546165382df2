// What the store's tests share: a directory of their own, rows with every field set, and other processes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "store/attempts.hpp"
#include "store/database.hpp"
#include "store/evidence.hpp"
#include "store/session.hpp"
#include "store/spawns.hpp"

namespace vx11::store::test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An empty database in a directory of its own.
struct Fixture {
  TempDir directory;
  std::filesystem::path file = directory.path() / "vx11.db";
  Database database{Database::Options{.file = file}};

  // The first column of the only row, by a connection of its own.
  std::string ask(const std::string& sql);
};

SpawnRow sampleSpawn();  // pending; a new uuid each time
SpawnEnd sampleEnd();    // every field set
AttemptRow sampleAttempt(const std::string& spawn_uuid, int attempt = 1);
RoutingEventRow sampleEvent(const std::string& trace_id);
UsageRow sampleUsage(const std::string& trace_id);

// A program with its standard streams on pipes. Killed and reaped by the destructor.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments);
  ~Process();
  // The next line of its standard output; empty at its end.
  std::string readLine();
  void write(const std::string& text);
  void closeInput() { input_.reset(); }
  void kill(int signal);
  int wait();  // as waitpid's status

 private:
  pid_t pid_ = -1;
  UniqueFd input_;
  UniqueFd output_;
  std::string buffered_;
};

// Runs the sqlite3 shell on the file and gives what it printed.
std::string sqlite3(const std::filesystem::path& file, const std::string& sql);

}  // namespace vx11::store::test
