#include "yardsticks.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "figures.hpp"

extern char** environ;

namespace vx11::bench {

namespace {

void drain(int fd) {
  char buffer[4096];
  while (read(fd, buffer, sizeof buffer) > 0) {
  }
  close(fd);
}

}  // namespace

double bareSpawn() {
  const auto start = Clock::now();
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  const std::string shell = "/bin/sh";
  const std::string flag = "-c";
  const std::string command = kCommand;
  char* const argv[] = {const_cast<char*>(shell.c_str()), const_cast<char*>(flag.c_str()),
                        const_cast<char*>(command.c_str()), nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, shell.c_str(), &actions, nullptr, argv, environ) != 0) {
    throw std::runtime_error("posix_spawn failed");
  }
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  drain(out[0]);
  drain(err[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  return millisecondsSince(start);
}

double bareRate(int count, int threads) {
  std::atomic<int> next{0};
  std::vector<std::thread> workers;
  const auto start = Clock::now();
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      while (next.fetch_add(1) < count) bareSpawn();
    });
  }
  for (auto& worker : workers) worker.join();
  return count / millisecondsSince(start) * 1e3;
}

double fdatasyncOf40Kilobytes(const std::filesystem::path& directory) {
  const auto file = directory / "yardstick";
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string bytes(40'000, 'x');
  if (fd < 0 || write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot write " + file.string());
  }
  const auto start = Clock::now();
  fdatasync(fd);
  const double taken = millisecondsSince(start);
  close(fd);
  unlink(file.c_str());
  return taken;
}

}  // namespace vx11::bench
