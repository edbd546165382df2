#include "policy/tokens.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/unique_fd.hpp"

namespace vx11::policy {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorCode::kConfiguration, "the token file " + file.string() + " " + why);
}

std::string newSecret() {
  std::array<unsigned char, 32> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error(ErrorCode::kConfiguration, "the kernel gives no random bytes for a new token");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

void create(const std::filesystem::path& file) {
  // Written beside and linked into place, so that a crash or a full disk never leaves half a token.
  const auto fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto line = newSecret() + "\n";
  if (!fd || ::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      fsync(fd.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(fresh.c_str());
    refuse(file, std::string("is not there and cannot be made: ") + strerror(error));
  }
  log::info("token.created", {{"file", file.string()}});
}

}  // namespace

Token Token::fromFile(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    create(file);
    fd.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  }
  if (!fd) refuse(file, std::string("cannot be read: ") + strerror(errno));
  struct stat status {};
  if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) refuse(file, "is not a regular file");
  if ((status.st_mode & 0027) != 0) {
    refuse(file, "may be read or changed by others; type: chmod 600 " + file.string());
  }
  std::string line;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while (line.find('\n') == std::string::npos &&
         (count = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
    line.append(buffer.data(), static_cast<size_t>(count));
  }
  line.erase(std::min(line.find('\n'), line.size()));
  const auto first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) refuse(file, "is empty: its first line is the token");
  return Token(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
}

bool Token::matches(std::string_view presented) const {
  // Every byte of what was presented is looked at, whatever matches: the time tells its own length and no
  // more.
  size_t difference = presented.size() ^ secret_.size();
  for (size_t i = 0; i < presented.size(); ++i) {
    difference |=
        static_cast<unsigned char>(presented[i]) ^ static_cast<unsigned char>(secret_[i % secret_.size()]);
  }
  return difference == 0;
}

}  // namespace vx11::policy
