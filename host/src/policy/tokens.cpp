#include "policy/tokens.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <sstream>

#include <Poco/SHA2Engine.h>

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

std::string sha256(std::string_view text) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(text.data(), text.size());
  const auto& digest = engine.digest();
  return {digest.begin(), digest.end()};
}

// Every byte of what was presented is looked at, whatever matches: the time tells its own length and no more.
bool equal(std::string_view presented, std::string_view secret) {
  size_t difference = presented.size() ^ secret.size();
  for (size_t i = 0; i < presented.size(); ++i)
    difference |=
        static_cast<unsigned char>(presented[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  return difference == 0;
}

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(" \t\r");
  return first == std::string::npos ? std::string()
                                    : line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

// Of a line "sha256:HEX NAME"; empty where it is none.
std::string hashIn(const std::string& line) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr size_t kDigits = 64;
  if (!line.starts_with(kPrefix) || line.size() < kPrefix.size() + kDigits) return {};
  const auto digits = line.substr(kPrefix.size(), kDigits);
  if (digits.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
  if (line.size() > kPrefix.size() + kDigits && line[kPrefix.size() + kDigits] != ' ') return {};
  const auto bytes = Poco::DigestEngine::digestFromHex(digits);
  return {bytes.begin(), bytes.end()};
}

bool isSame(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mode == b.st_mode &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

}  // namespace

Tokens::Tokens(std::filesystem::path file) : file_(std::move(file)) {
  if (access(file_.c_str(), F_OK) != 0 && errno == ENOENT) create(file_);
  content_ = read();
}

Tokens::Content Tokens::read() {
  const UniqueFd fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) refuse(file_, std::string("cannot be read: ") + strerror(errno));
  if (fstat(fd.get(), &seen_) != 0 || !S_ISREG(seen_.st_mode)) refuse(file_, "is not a regular file");
  if ((seen_.st_mode & 0027) != 0) {
    refuse(file_, "may be read or changed by others; type: chmod 600 " + file_.string());
  }
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = ::read(fd.get(), buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<size_t>(count));

  Content content;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  content.secret = trimmed(line);
  if (content.secret.empty()) refuse(file_, "is empty: its first line is the token");
  while (std::getline(lines, line)) {
    if (auto hash = hashIn(trimmed(line)); !hash.empty()) content.hashes.push_back(std::move(hash));
  }
  return content;
}

bool Tokens::changed() const {
  struct stat now {};
  return stat(file_.c_str(), &now) == 0 && !isSame(now, seen_);
}

void Tokens::readAgain() {
  const std::unique_lock lock(mutex_);
  if (!changed()) return;
  try {
    content_ = read();
    log::info("token.read_again", {{"file", file_.string()}, {"named", content_.hashes.size()}});
  } catch (const Error& error) {
    log::error("token.not_read_again", {{"reason", error.what()}});
  }
}

bool Tokens::match(std::string_view presented) {
  {
    const std::shared_lock lock(mutex_);
    if (!changed()) return matches(presented);
  }
  readAgain();
  const std::shared_lock lock(mutex_);
  return matches(presented);
}

bool Tokens::matches(std::string_view presented) const {
  bool found = equal(presented, content_.secret);
  if (content_.hashes.empty()) return found;
  const auto hash = sha256(presented);
  for (const auto& known : content_.hashes) found |= equal(hash, known);
  return found;
}

}  // namespace vx11::policy
