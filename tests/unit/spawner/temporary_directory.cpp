#include "temporary_directory.hpp"

#include <fcntl.h>
#include <stdlib.h>

#include <filesystem>

#include "catch.hpp"

namespace vx11::test {

TemporaryDirectory::TemporaryDirectory() {
  const char* base = getenv("TMPDIR");
  path_ = std::string(base == nullptr ? "/tmp" : base) + "/vx11-unit-XXXXXX";
  REQUIRE(mkdtemp(path_.data()) != nullptr);
  descriptor_.reset(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(descriptor_);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vx11::test
