#include "spawner_client/left_output.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace vx11::spawner_client {

std::string spooledOut(const std::string& nonce) {
  return nonce + ".out";
}

std::string spooledErr(const std::string& nonce) {
  return nonce + ".err";
}

UniqueFd openSpooled(const std::filesystem::path& spool, const std::string& name) {
  return UniqueFd(open((spool / name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

namespace {

OutputStream readStream(const std::filesystem::path& spool, const std::string& name, uint64_t inline_bytes) {
  OutputStream stream;
  const auto file = openSpooled(spool, name);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return stream;
  stream.spool_file = name;
  stream.total_bytes = static_cast<uint64_t>(status.st_size);
  stream.inline_bytes.resize(std::min(stream.total_bytes, inline_bytes));
  size_t have = 0;
  while (have < stream.inline_bytes.size()) {
    const ssize_t got =
        read(file.get(), stream.inline_bytes.data() + have, stream.inline_bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<size_t>(got);
  }
  stream.inline_bytes.resize(have);
  return stream;
}

}  // namespace

LeftOutput readLeftOutput(const std::filesystem::path& spool, const std::string& nonce,
                          uint64_t inline_bytes) {
  return {readStream(spool, spooledOut(nonce), inline_bytes),
          readStream(spool, spooledErr(nonce), inline_bytes)};
}

}  // namespace vx11::spawner_client
