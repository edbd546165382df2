#include "store/database_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace vx11::store {

namespace {

constexpr mode_t kFileMode = 0640;

Error refusal(const std::string& subject, int error, const std::string& advice) {
  return {ErrorCode::kStorage, subject + ": " + std::generic_category().message(error) + ". " + advice};
}

bool allowed(const std::filesystem::path& path, int mode) {
  return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

void checkDirectory(const std::filesystem::path& directory) {
  const std::string subject = "The state directory " + directory.string() + " cannot be used";
  std::error_code error;
  const auto status = std::filesystem::status(directory, error);
  if (!std::filesystem::exists(status)) {
    throw refusal(subject, error ? error.value() : ENOENT, "Create it, or set state.directory to another.");
  }
  if (!std::filesystem::is_directory(status))
    throw refusal(subject, ENOTDIR, "Set state.directory to a directory.");
  // SQLite makes two more files beside the database.
  if (!allowed(directory, W_OK | X_OK)) {
    throw refusal(subject, errno, "Make it writable for this user, or set state.directory to another.");
  }
}

}  // namespace

void prepareFile(const std::filesystem::path& file) {
  checkDirectory(file.parent_path());
  // An existing file is not opened here: closing any descriptor of it would drop the locks that SQLite holds
  // on it elsewhere in this process.
  const UniqueFd created(::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kFileMode));
  if (created) {
    ::fchmod(created.get(), kFileMode);
    return;
  }
  const std::string subject = "The database " + file.string() + " cannot be used";
  if (errno != EEXIST) throw refusal(subject, errno, "Make its directory writable, with space left.");
  if (!std::filesystem::is_regular_file(file)) throw refusal(subject, EINVAL, "It must be a regular file.");
  if (!allowed(file, R_OK | W_OK)) throw refusal(subject, errno, "Let this user read and write it.");
}

}  // namespace vx11::store
