// The state directory: made at the first start, used by one host at a time.
#pragma once

#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"

namespace vx11 {

// Where what lies in it.
class StateLayout {
 public:
  explicit StateLayout(std::filesystem::path path) : path_(std::move(path)) {}
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "vx11.db"; }
  std::filesystem::path spool() const { return path_ / "spool"; }
  std::filesystem::path spawnerLog() const { return path_ / "vx11-spawner.log"; }

 private:
  std::filesystem::path path_;
};

// Makes the directory (0750) with its parents and the spool in it (0700) where they are missing. Throws
// Error{kConfiguration} with one sentence.
void makeStateDirectories(const StateLayout& layout);

class StateDirectory : public StateLayout {
 public:
  // Makes the directories, checks that they can be written, and takes the lock. Throws Error{kConfiguration}
  // with one sentence, also when another host has the lock.
  explicit StateDirectory(const std::filesystem::path& path);

  // A uuid that names this installation in rows; made at the first start.
  const std::string& hostId() const { return host_id_; }

  // For clients on this machine, in the file `door`: where we listen, and the file with our token. It stays
  // when we stop; where it cannot be written, clients are told by other means.
  void tellDoor(const std::string& address, const std::filesystem::path& token_file) const;

 private:
  void takeLock();
  void readHostId();
  // Whole or not at all, also for who reads it meanwhile.
  bool replace(const std::string& name, const std::string& content) const;

  UniqueFd lock_;
  std::string host_id_;
};

}  // namespace vx11
