#include "spawner/cgroups/cgroup.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

namespace vx11::spawner {

bool Cgroup::kill() {
  killed_ = true;
  const UniqueFd file(openat(directory_.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), "1", 1) == 1;
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> pids;
  const int fd = openat(directory_.get(), "cgroup.procs", O_RDONLY | O_CLOEXEC);
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fd < 0 ? nullptr : fdopen(fd, "r"), fclose);
  int pid = 0;
  while (file && fscanf(file.get(), "%d", &pid) == 1) {
    if (pid > 0) pids.push_back(pid);  // 0: of another PID namespace than ours
  }
  return pids;
}

bool Cgroup::populated() const {
  const UniqueFd file(openat(directory_.get(), "cgroup.events", O_RDONLY | O_CLOEXEC));
  std::array<char, 256> text{};
  const ssize_t got = file ? read(file.get(), text.data(), text.size()) : -1;
  if (got <= 0) return true;
  return std::string_view(text.data(), static_cast<size_t>(got)).find("populated 0") ==
         std::string_view::npos;
}

}  // namespace vx11::spawner
