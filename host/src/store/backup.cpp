#include "store/backup.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "store/session.hpp"

namespace vx11::store {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
  throw Error(ErrorCode::kStorage,
              "the backup cannot be made: " + what + " " + path.string() + ": " + strerror(errno));
}

void makeDirectory(const fs::path& path) {
  if (mkdir(path.c_str(), 0700) != 0) fail("making", path);
}

void sync(const fs::path& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) fail("writing", path);
}

std::string quoted(const std::string& text) {
  std::string sql = "'";
  for (const char c : text) sql += c == '\'' ? std::string("''") : std::string(1, c);
  return sql + "'";
}

// Removes it again unless it became whole.
class Unfinished {
 public:
  explicit Unfinished(fs::path path) : path_(std::move(path)) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);  // of one that was killed
    makeDirectory(path_);
    makeDirectory(path_ / "spool");
  }
  ~Unfinished() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  const fs::path& path() const { return path_; }
  void finishAs(const fs::path& name) {
    if (rename(path_.c_str(), name.c_str()) != 0) fail("naming", name);
    path_.clear();
    sync(name.parent_path());
  }

 private:
  fs::path path_;
};

// True where it is there now.
bool linkOutput(const fs::path& from, const fs::path& to, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return false;
  if (link((from / name).c_str(), (to / name).c_str()) == 0) return true;
  if (errno == ENOENT) return false;  // retention was faster
  fail("linking", from / name);
}

}  // namespace

Backup makeBackup(const fs::path& state, const fs::path& into, std::chrono::milliseconds busy_timeout) {
  if (fs::exists(into))
    throw Error(ErrorCode::kStorage, "the backup cannot be made: " + into.string() + " is there already");
  Unfinished copy(into.string() + ".part");
  const auto database = copy.path() / "vx11.db";
  // Not the readers' kind of connection, which refuses to write anywhere. Its lock is a reader's.
  WriteSession(state / "vx11.db", busy_timeout).runOnce("VACUUM INTO " + quoted(database.string()));

  Backup backup;
  {
    ReadSession session(database, busy_timeout);
    session.query(
        "SELECT stdout_file, stderr_file FROM spawns WHERE ended_at IS NOT NULL AND "
        "(stdout_file IS NOT NULL OR stderr_file IS NOT NULL)",
        {}, [&](Row& row) {
          for (const auto& name : {row.text(), row.text()})
            backup.outputs += linkOutput(state / "spool", copy.path() / "spool", name) ? 1 : 0;
        });
    backup.spawns = std::stoll("0" + session.ask("SELECT count(*) FROM spawns"));
  }
  std::error_code failure;
  fs::copy_file(state / "host-id", copy.path() / "host-id", failure);
  if (failure) {
    errno = failure.value();
    fail("copying", state / "host-id");
  }
  backup.database_bytes = fs::file_size(database);
  for (const auto& path : {database, copy.path() / "host-id", copy.path() / "spool", copy.path()}) sync(path);
  copy.finishAs(into);
  backup.path = into;
  return backup;
}

}  // namespace vx11::store
