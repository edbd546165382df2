// A real vx11d in a private directory, on a free port, for one test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http_client.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

namespace vx11::test {

// What a vx11d that refuses to start leaves behind.
struct Refusal {
  int exit_status = 0;
  std::string err;
  std::string out;
};

// Every path of it lies in directory(): state/, token, tasks/, spawner.sock. At the end the host and the
// spawners of this directory's socket are ended, by pid, and the directory goes (VX11_KEEP_TEMP keeps it).
// Not thread-safe, but the clients that it hands out are.
class Daemon {
 public:
  // Not started yet. `settings` (configuration key to value) win over those of the fixture.
  // A list and not a map: two strings in braces would also make a map, from two iterators.
  explicit Daemon(std::initializer_list<std::pair<std::string, std::string>> settings = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // For the next start. An unset key has vx11d's own default.
  void set(const std::string& key, const std::string& value) { settings_[key] = value; }
  void unset(const std::string& key) { settings_.erase(key); }
  const std::string& setting(const std::string& key) const { return settings_.at(key); }
  void setEnvironment(const std::string& name, const std::string& value) { environment_[name] = value; }
  void addArgument(const std::string& argument) { arguments_.push_back(argument); }
  const std::filesystem::path& binary() const { return binary_; }
  // Another program than the vx11d of this build.
  void setBinary(std::filesystem::path binary) { binary_ = std::move(binary); }

  // Returns once it listens. Throws std::runtime_error with the log where it does not come up.
  void start();
  // Runs a vx11d that is expected to end by itself. Throws std::runtime_error where it serves, or hangs.
  Refusal runExpectingFailure();
  // SIGTERM; the exit status (128 + signal where one ended it). Throws std::runtime_error past the deadline.
  int terminate();
  void kill9();
  void restart();  // terminate, which must succeed, and start: the port changes
  bool running();

  pid_t pid() const;
  uint16_t port() const { return port_; }
  // Of the one spawner of this test's socket; waits until there is one. Throws std::runtime_error.
  pid_t spawnerPid() const;

  const std::filesystem::path& directory() const { return directory_.path(); }
  std::filesystem::path stateDirectory() const { return setting("state.directory"); }
  std::filesystem::path database() const { return stateDirectory() / "vx11.db"; }
  std::filesystem::path spawnerSocket() const;
  // Task directories go to memory from the next start on, as they do by default: into file systems of their
  // own where the spawner is root's. Nothing where this machine has no /dev/shm.
  void useMemoryForTasks();
  // The names of all task directories below tasks.directory that there are, as the spawner sees them.
  std::vector<std::string> taskDirectories() const;
  const std::string& token() const { return token_; }
  // stderr of all starts, in order; and what the last start printed to stdout.
  std::string log() const;
  std::string printed();

  HttpClient http() const { return {port_, token_}; }
  HttpClient httpWithoutToken() const { return {port_, ""}; }
  // Opens a window for `ttl_seconds`; throws std::runtime_error where that is refused.
  void openWindow(const std::string& target, int ttl_seconds = 3600) const;

 private:
  ProcessOptions processOptions(const std::filesystem::path& stderr_file) const;

  TempDirectory directory_;
  std::optional<TempDirectory> memory_;
  std::string token_;
  std::map<std::string, std::string> settings_;
  std::map<std::string, std::string> environment_;
  std::vector<std::string> arguments_;
  std::filesystem::path binary_;
  std::unique_ptr<Process> process_;
  uint16_t port_ = 0;
};

}  // namespace vx11::test
