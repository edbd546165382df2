#include "spawner/cgroups/cgroup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace vx11::spawner {

bool Cgroup::kill() {
  killed_ = true;
  const UniqueFd file(openat(directory_.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), "1", 1) == 1;
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
