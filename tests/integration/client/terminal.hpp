// The command vx11 as somebody types it, on the machine where vx11d runs.
#pragma once

#include <string>
#include <vector>

#include "daemon.hpp"
#include "process.hpp"

namespace vx11::test {

// A vx11d with the spawner's window open, and its state directory known to vx11 by VX11_STATE alone.
class Terminal {
 public:
  explicit Terminal(std::initializer_list<std::pair<std::string, std::string>> settings = {});

  Daemon& daemon() { return daemon_; }
  // Runs `vx11 WORDS…` to its end.
  CommandResult vx11(const std::vector<std::string>& words,
                     std::map<std::string, std::string> env = {}) const;
  // Starts it. Its stderr goes to the file.
  Process begin(const std::vector<std::string>& words, const std::filesystem::path& stderr_file) const;
  std::map<std::string, std::string> environment() const;

 private:
  Daemon daemon_;
};

}  // namespace vx11::test
