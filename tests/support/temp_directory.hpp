// A private directory of one test, gone with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace vx11::test {

// Made with mode 0700 below TMPDIR (or /tmp), with a short name. Removed with everything in it at the end,
// unless the environment has VX11_KEEP_TEMP: then it stays for looking at.
class TempDirectory {
 public:
  TempDirectory();
  explicit TempDirectory(const std::filesystem::path& parent);  // there instead
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Replaces the file's content; creates it with exactly this mode, whatever the umask. Throws
// std::runtime_error.
void writeFile(const std::filesystem::path& file, std::string_view content, unsigned mode = 0644);
// A copy of a program that any user may run from `to`, whatever the modes of the build and of what is above
// it (a clone in /root, say). The directories of `to` are the caller's to open. Throws
// std::filesystem::filesystem_error.
void copyForEverybody(const std::filesystem::path& program, const std::filesystem::path& to);
// The whole file; empty where there is none.
std::string readFile(const std::filesystem::path& file);
// Its permission bits, a link's own where it is one; 0 where there is nothing.
unsigned modeOf(const std::filesystem::path& file);
// What an open file holds, from its start, wherever its offset is.
std::string readFile(int fd);

}  // namespace vx11::test
