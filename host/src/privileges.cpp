#include "privileges.hpp"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "spawner/launch.hpp"
#include "spawner_client/connection.hpp"
#include "spawner_options.hpp"
#include "state_directory.hpp"

namespace vx11 {

namespace {

struct User {
  std::string name;
  uid_t uid;
  gid_t gid;
};

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ErrorCode::kConfiguration, sentence);
}

User findUser(const std::string& name) {
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) refuse("process.user = " + name + ": there is no such user");
  return {name, entry->pw_uid, entry->pw_gid};
}

void giveTo(const std::filesystem::path& directory, const User& user) {
  struct stat status {};
  // Only what is root's is given away; a directory of somebody else is found unwritable later and named then.
  if (lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != 0) return;
  if (lchown(directory.c_str(), user.uid, user.gid) != 0) {
    refuse("cannot give " + directory.string() + " to " + user.name + ": " + strerror(errno));
  }
}

void startSpawner(const config::Config& config, const User& user, const StateLayout& state) {
  try {
    spawner_client::connectTo(config.spawner.socket);
    return;  // it serves, from an earlier start
  } catch (const spawner_client::ConnectError& error) {
    if (error.obstacle() != spawner_client::Obstacle::kNobody) refuse(error.what());
  }
  auto launch = spawnerOptions(config, state);
  launch.host_uid = user.uid;
  if (const auto failure = spawner::startSpawner(launch)) refuse("the spawner cannot start: " + *failure);
}

void become(const User& user) {
  if (initgroups(user.name.c_str(), user.gid) != 0 || setresgid(user.gid, user.gid, user.gid) != 0 ||
      setresuid(user.uid, user.uid, user.uid) != 0) {
    refuse("cannot become " + user.name + ": " + strerror(errno));
  }
}

}  // namespace

void settlePrivileges(config::Config& config) {
  if (config.process_user.empty()) return;
  const auto user = findUser(config.process_user);
  if (user.uid == geteuid()) return;
  if (geteuid() != 0) refuse("process.user = " + user.name + " needs a start as root or as that user");

  const StateLayout state(config.state_directory);
  makeStateDirectories(state);
  giveTo(config.state_directory, user);
  giveTo(state.spool(), user);
  startSpawner(config, user, state);
  become(user);
  config.spawner.binary.clear();
  log::info("host.user", {{"user", user.name}, {"uid", user.uid}});
}

}  // namespace vx11
