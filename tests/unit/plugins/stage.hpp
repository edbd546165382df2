// A plugin directory that passes the trust checks, whatever the umask of the checkout was.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace vx11::plugins {

class Stage {
 public:
  Stage() {
    // P_tmpdir and not $TMPDIR, whose parents may be anybody's.
    std::string path = P_tmpdir "/vx11-plugins-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = std::filesystem::canonical(path);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::filesystem::path& root() const { return root_; }

  // Copies a file in; returns where it is now.
  std::filesystem::path add(const std::filesystem::path& from, const std::string& as = {}) const {
    const auto to = root_ / (as.empty() ? from.filename().string() : as);
    std::filesystem::copy_file(from, to);
    setMode(to, 0644);
    return to;
  }

  std::filesystem::path write(const std::string& name, const std::string& content) const {
    const auto to = root_ / name;
    std::ofstream(to, std::ios::binary) << content;
    setMode(to, 0644);
    return to;
  }

  static void setMode(const std::filesystem::path& path, unsigned mode) {
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
  }

 private:
  std::filesystem::path root_;
};

inline std::string readFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace vx11::plugins
