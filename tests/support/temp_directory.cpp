#include "temp_directory.hpp"

#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace vx11::test {

namespace {

std::filesystem::path usualParent() {
  const char* base = getenv("TMPDIR");
  return base != nullptr && *base != '\0' ? base : "/tmp";
}

}  // namespace

TempDirectory::TempDirectory() : TempDirectory(usualParent()) {}

TempDirectory::TempDirectory(const std::filesystem::path& parent) {
  std::string pattern = parent / "vx11-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

TempDirectory::~TempDirectory() {
  if (getenv("VX11_KEEP_TEMP") != nullptr) return;
  std::error_code ignored;
  // A test may have taken our own right to look inside away.
  for (std::filesystem::recursive_directory_iterator it(path_, ignored), end; it != end;
       it.increment(ignored)) {
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) chmod(it->path().c_str(), 0700);
  }
  std::filesystem::remove_all(path_, ignored);
}

void writeFile(const std::filesystem::path& file, std::string_view content, unsigned mode) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream || chmod(file.c_str(), mode) != 0) throw std::runtime_error("cannot write " + file.string());
}

void copyForEverybody(const std::filesystem::path& program, const std::filesystem::path& to) {
  std::filesystem::copy_file(program, to);
  std::filesystem::permissions(to, static_cast<std::filesystem::perms>(0755));
}

std::string readFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

unsigned modeOf(const std::filesystem::path& file) {
  struct stat status {};
  return lstat(file.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

std::string readFile(int fd) {
  return readFile("/proc/self/fd/" + std::to_string(fd));
}

}  // namespace vx11::test
