#include "spawner/daughters/confinement.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "spawner/daughters/task_file_systems.hpp"
#include "spawner/daughters/vfork.hpp"
#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

constexpr uint64_t kBlock = 512;  // of st_blocks, stat(2)

// As of ABI 6; the headers of Debian 12 know ABI 2.
struct RulesetAttributes {
  uint64_t handled_access_fs = 0;
  uint64_t handled_access_net = 0;
  uint64_t scoped = 0;
};
constexpr uint64_t kScopeSignal = 1ULL << 1;
constexpr long kFirstAbiWithRefer = 2;  // before it a domain cannot allow rename(2) between directories
constexpr long kFirstAbiWithScopes = 6;

[[noreturn]] void unusable(const std::string& what) {
  throw Confinement::Unusable(what + ": " + errnoText(errno));
}

// A domain that keeps processes apart and takes nothing from anybody's files.
UniqueFd openRuleset() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 0) unusable("Landlock is not to be had");
  if (abi < kFirstAbiWithRefer)
    throw Confinement::Unusable("Landlock of this kernel (ABI " + std::to_string(abi) + ") is too old");
  const bool scopes = abi >= kFirstAbiWithScopes;
  RulesetAttributes attributes;
  // A ruleset has to handle something. With files handled a daughter can mount nothing, so better not.
  attributes.handled_access_fs = scopes ? 0 : LANDLOCK_ACCESS_FS_REFER;
  attributes.scoped = scopes ? kScopeSignal : 0;
  const size_t size = scopes ? sizeof attributes : sizeof attributes.handled_access_fs;
  UniqueFd ruleset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset) unusable("cannot make a Landlock ruleset");
  if (scopes) return ruleset;
  const UniqueFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  landlock_path_beneath_attr everywhere{};
  everywhere.allowed_access = LANDLOCK_ACCESS_FS_REFER;
  everywhere.parent_fd = root.get();
  if (syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &everywhere, 0) != 0)
    unusable("cannot make a Landlock rule");
  return ruleset;
}

VX11_IN_CHILD bool writeTo(const char* path, std::string_view text) {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = syscall(SYS_write, fd, text.data(), text.size()) == static_cast<long>(text.size());
  syscall(SYS_close, fd);
  return written;
}

VX11_IN_CHILD long mountCall(const char* source, const char* target, const char* type, unsigned long flags,
                             const char* options) {
  return syscall(SYS_mount, source, target, type, flags, options);
}

// A directory by an empty file system, anything else by /dev/null.
VX11_IN_CHILD long coverPath(const char* path) {
  constexpr unsigned long kFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const long result = mountCall("vx11", path, "tmpfs", kFlags, "mode=0500,size=4k");
  if (result == 0 || errno == ENOENT) return 0;
  if (errno != ENOTDIR) return -1;
  return mountCall("/dev/null", path, nullptr, MS_BIND, nullptr);
}

VX11_IN_CHILD long copyFile(int from, int to, const char* name) {
  const long source = syscall(SYS_openat, from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  const long copy = syscall(SYS_openat, to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  struct stat status {};
  if (source < 0 || copy < 0 || syscall(SYS_fstat, source, &status) != 0) return -1;
  for (long sent = 1; sent != 0;) {
    sent = syscall(SYS_sendfile, copy, source, nullptr, 1L << 30);
    if (sent < 0) return -1;
  }
  if (syscall(SYS_fchmod, copy, status.st_mode & 07777U) != 0) return -1;
  syscall(SYS_close, source);
  return syscall(SYS_close, copy);
}

}  // namespace

Confinement::Confinement(std::vector<std::string> hidden, std::string tasks)
    : hidden_(std::move(hidden)), tasks_(std::move(tasks)), ruleset_(openRuleset()) {
  for (const auto& path : hidden_) {
    if ((tasks_ + "/").rfind(path + "/", 0) == 0)
      throw Unusable("the task directories lie in " + path + ", which tasks must not see");
  }
  const auto map = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  user_map_ = map(geteuid());
  group_map_ = map(getegid());
}

void Confinement::limitDirectory(uint64_t max_bytes) {
  own_bytes_ = max_bytes;
  own_options_ = TaskFileSystems::optionsFor(max_bytes, 0700);
}

void Confinement::requireRoomFor(const std::vector<StartFile>& files) const {
  if (own_bytes_ == 0) return;
  uint64_t bytes = 0;
  for (const auto& file : files) {
    struct stat status {};
    if (fstat(file.content.get(), &status) != 0)
      throw CannotLaunch::fromErrno("cannot read " + file.name, errno);
    bytes += static_cast<uint64_t>(status.st_blocks) * kBlock;
  }
  if (bytes > own_bytes_) throw CannotLaunch::fromErrno("cannot write the files of the task", ENOSPC);
}

VX11_IN_CHILD long Confinement::enter(const OwnDirectory* directory) const {
  if (syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS) != 0 || mapUser() != 0 || cover(directory) != 0)
    return -1;
  return restrictSelf();
}

VX11_IN_CHILD long Confinement::enterAsInit(const OwnDirectory* directory) const {
  if (mapUser() != 0 || syscall(SYS_unshare, CLONE_NEWNS) != 0 || cover(directory) != 0) return -1;
  return mountCall("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
}

VX11_IN_CHILD long Confinement::mapUser() const {
  const bool mapped = writeTo("/proc/self/setgroups", "deny") && writeTo("/proc/self/uid_map", user_map_) &&
                      writeTo("/proc/self/gid_map", group_map_);
  return mapped ? 0 : -1;
}

VX11_IN_CHILD long Confinement::cover(const OwnDirectory* directory) const {
  if (mountCall(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return -1;
  const bool limited = own_bytes_ != 0;
  long own = -1;
  if (directory != nullptr) {
    own = syscall(SYS_open_tree, AT_FDCWD, directory->path,
                  OPEN_TREE_CLOEXEC | (limited ? 0 : OPEN_TREE_CLONE));
    if (own < 0) return -1;
  }
  for (const auto& path : hidden_) {
    if (coverPath(path.c_str()) != 0) return -1;
  }
  if (mountCall("vx11", tasks_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=64k") != 0) return -1;
  if (directory != nullptr) {
    if (syscall(SYS_mkdirat, AT_FDCWD, directory->path, 0700) != 0) return -1;
    if (limited) {
      if (fill(*directory, static_cast<int>(own)) != 0 || syscall(SYS_close, own) != 0) return -1;
    } else if (syscall(SYS_move_mount, own, "", AT_FDCWD, directory->path, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
      return -1;
    }
  }
  return mountCall(nullptr, tasks_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
                   nullptr);
}

// `from`: where its files were written.
VX11_IN_CHILD long Confinement::fill(const OwnDirectory& directory, int from) const {
  if (mountCall(TaskFileSystems::kSource, directory.path, "tmpfs", MS_NOSUID | MS_NODEV,
                own_options_.c_str()) != 0)
    return -1;
  const long to = syscall(SYS_openat, AT_FDCWD, directory.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (to < 0) return -1;
  for (size_t i = 0; i < directory.count; ++i) {
    const auto& entry = directory.entries[i];
    const bool put = entry.is_directory ? syscall(SYS_mkdirat, to, entry.name, 0700) == 0 || errno == EEXIST
                                        : copyFile(from, static_cast<int>(to), entry.name) == 0;
    if (put) continue;
    // For a mount ENOSPC means that there are as many as may be, which passes. This does not.
    if (errno == ENOSPC) errno = EDQUOT;
    return -1;
  }
  return syscall(SYS_close, to);
}

VX11_IN_CHILD long Confinement::restrictSelf() const {
  if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return syscall(SYS_landlock_restrict_self, ruleset_.get(), 0);
}

}  // namespace vx11::spawner
