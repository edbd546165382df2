// vx11 token: tokens with names, each of which can be taken back alone.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>

#include "base/unique_fd.hpp"
#include "command.hpp"
#include "failure.hpp"

namespace vx11::client {

namespace {

constexpr std::string_view kHashed = "sha256:";
constexpr size_t kDigits = 64;

// The file that vx11d reads (its host/src/policy/tokens.hpp has the form), changed by writing a new one.
class TokenFile {
 public:
  explicit TokenFile(std::filesystem::path file) : file_(std::move(file)) {
    std::ifstream stream(file_);
    if (!stream) fail("cannot be read");
    for (std::string line; std::getline(stream, line);) lines_.push_back(line);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& line : lines_)
      if (const auto name = nameIn(line); !name.empty()) names.push_back(name);
    return names;
  }

  void add(const std::string& name, const std::string& hash) {
    lines_.push_back(std::string(kHashed) + hash + " " + name);
    write();
  }

  bool remove(const std::string& name) {
    const auto gone =
        std::remove_if(lines_.begin(), lines_.end(), [&](const auto& line) { return nameIn(line) == name; });
    if (gone == lines_.end()) return false;
    lines_.erase(gone, lines_.end());
    write();
    return true;
  }

 private:
  static std::string nameIn(const std::string& line) {
    const size_t begin = kHashed.size() + kDigits + 1;
    return line.starts_with(kHashed) && line.size() > begin ? line.substr(begin) : std::string();
  }

  void write() const {
    struct stat old {};
    if (stat(file_.c_str(), &old) != 0) fail("cannot be read");
    const auto fresh = file_.string() + ".new";
    unlink(fresh.c_str());
    std::string text;
    for (const auto& line : lines_) text += line + "\n";
    const UniqueFd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    const bool owned = fd && ((old.st_uid == geteuid() && old.st_gid == getegid()) ||
                              fchown(fd.get(), old.st_uid, old.st_gid) == 0);
    if (!owned || fchmod(fd.get(), old.st_mode & 0777) != 0 ||
        ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        fsync(fd.get()) != 0 || rename(fresh.c_str(), file_.c_str()) != 0) {
      const int error = errno;
      unlink(fresh.c_str());
      errno = error;
      fail("cannot be written");
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Failure(kFailed,
                  file_.string() + " " + what + ": " + strerror(errno) +
                      (errno == EACCES || errno == EPERM ? "; it belongs to the user of vx11d" : ""));
  }

  const std::filesystem::path file_;
  std::vector<std::string> lines_;
};

TokenFile fileOf(Context& context) {
  const auto& place = context.door().place();
  if (place.token_file.empty())
    throw Failure(kFailed,
                  "there is no token file of a vx11d on this machine: tokens are made where it runs");
  return TokenFile(place.token_file);
}

std::string newSecret() {
  std::array<unsigned char, kDigits / 2> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Failure(kFailed, "the kernel gives no random bytes");
  return Poco::DigestEngine::digestToHex({bytes.begin(), bytes.end()});
}

std::string hashOf(const std::string& secret) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(secret);
  return Poco::DigestEngine::digestToHex(engine.digest());
}

void makeToken(Context& context, const std::string& name) {
  constexpr size_t kLongest = 64;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           strchr("._-@", c) != nullptr;
  });
  if (name.size() > kLongest || !plain)
    throw Failure(kWrongUsage, "a name has at most 64 letters, digits and ._-@");
  auto file = fileOf(context);
  const auto names = file.names();
  if (std::find(names.begin(), names.end(), name) != names.end())
    throw Failure(kRefused, "there is a token of that name", "vx11 token revoke " + name);
  const auto secret = newSecret();
  file.add(name, hashOf(secret));
  print(secret);
  note("it is shown this once: only its hash is kept. VX11_TOKEN, or X-VX11-Token, takes it");
}

}  // namespace

void addToken(CLI::App& app, Context& context) {
  auto* const command =
      app.add_subcommand("token", "Make, list and revoke named tokens, on the machine of the host");
  command->require_subcommand(1);
  const auto name = std::make_shared<std::string>();
  auto* const add = command->add_subcommand("add", "Make one and print it");
  add->add_option("NAME", *name, "Whose it is")->required();
  add->callback([&context, name] { makeToken(context, *name); });
  command->add_subcommand("list", "The names")->callback([&context] {
    for (const auto& each : fileOf(context).names()) print(each);
  });
  auto* const revoke = command->add_subcommand("revoke", "Take one back: it opens nothing from now on");
  revoke->add_option("NAME", *name, "Whose")->required();
  revoke->callback([&context, name] {
    if (!fileOf(context).remove(*name))
      throw Failure(kRefused, "there is no token named " + *name, "vx11 token list");
    note("revoked " + *name);
  });
}

}  // namespace vx11::client
