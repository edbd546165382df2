#include "neighbourhood.hpp"

#include <signal.h>

#include <filesystem>

#include "catch.hpp"
#include "wait.hpp"

namespace vx11::test {

namespace {

namespace fs = std::filesystem;

constexpr int kBystandersLines = 200;

// It says so when a signal reaches it or what it waits with.
std::string bystandersCode(const Playground& ground) {
  return "trap 'echo disturbed' HUP INT QUIT USR1 USR2 PIPE ALRM TERM CONT TSTP\n"
         "echo begun\n: > '" +
         (ground / "there").string() + "'\nuntil [ -e '" + (ground / "go").string() +
         "' ]; do sleep 0.05 || echo disturbed; done\n"
         "i=0\nwhile [ $i -lt " +
         std::to_string(kBystandersLines) + " ]; do echo line $i; i=$((i + 1)); done\necho complete\n";
}

std::string bystandersOutput() {
  std::string text = "begun\n";
  for (int i = 0; i < kBystandersLines; ++i) text += "line " + std::to_string(i) + "\n";
  return text + "complete\n";
}

fs::path precious(const Daemon& daemon) {
  return daemon.directory() / "precious";
}

}  // namespace

Neighbourhood::Neighbourhood(const Isolation& isolation, const UidRange& uids)
    : isolation_(isolation),
      uids_(uids),
      daemon_(
          {{"tasks.max_running", "12"}, {"tasks.max_processes", "64"}, {"tasks.kill_grace_seconds", "1"}}) {
  fs::create_directory(precious(daemon_));
  writeFile(precious(daemon_) / "file", "dear to somebody\n");
  if (isolation_.own_uids) daemon_.useMemoryForTasks();
  isolation_.arrange(daemon_, uids_);
  daemon_.start();
  daemon_.openWindow("spawner");
  REQUIRE(daemon_.http().get("/vx11/status").text("isolation") == isolation_.name);
  ground_ = std::make_unique<Playground>(daemon_);
  host_pid_ = daemon_.pid();
  spawner_pid_ = daemon_.spawnerPid();
  bystander_ = post(daemon_, bystandersCode(*ground_));
  bystander_pid_ = runningPid(daemon_, bystander_);
  bystander_task_id_ = daemon_.http().get("/vx11/result/" + bystander_).text("spawn_uuid");
  REQUIRE(eventually([&] { return fs::exists(*ground_ / "there"); }));
}

Neighbourhood::~Neighbourhood() {
  try {
    std::set<uid_t> users;
    for (const auto& [pid, process] : strangers({}, false)) {
      if (!isolation_.own_uids)
        kill(pid, SIGKILL);
      else if (process.uid >= uids_.first && process.uid <= uids_.last)
        users.insert(process.uid);
    }
    // As that user, for nobody who goes from pid to pid catches a fork bomb. Where setpriv fails nothing is
    // run.
    for (const auto user : users) {
      const auto id = std::to_string(user);
      runCommand(
          {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "/bin/sh", "-c", "kill -KILL -1"});
    }
  } catch (const std::exception&) {
    // The case has failed already.
  }
}

std::vector<std::pair<std::string, std::string>> Neighbourhood::targets() const {
  std::string sibling;
  const fs::path tasks = daemon_.setting("tasks.directory");
  for (const auto& name : daemon_.taskDirectories()) {
    if (name.find(bystander_task_id_) != std::string::npos) sibling = tasks / name;
  }
  REQUIRE_FALSE(sibling.empty());
  return {{"TARGET_HOST_PID", std::to_string(host_pid_)},
          {"TARGET_SPAWNER_PID", std::to_string(spawner_pid_)},
          {"TARGET_SIBLING_PID", std::to_string(bystander_pid_)},
          {"TARGET_SIBLING_TASK", bystander_task_id_},
          {"TARGET_SIBLING_DIRECTORY", sibling},
          {"TARGET_TASKS", tasks.string()},
          {"TARGET_STATE", daemon_.stateDirectory().string()},
          {"TARGET_TOKEN", daemon_.setting("auth.token_file")},
          {"TARGET_SOCKET", daemon_.spawnerSocket().string()},
          {"TARGET_PLUGINS", daemon_.setting("plugins.path")},
          {"TARGET_PORT", std::to_string(daemon_.port())},
          {"TARGET_PRECIOUS", precious(daemon_).string()}};
}

SeenProcesses Neighbourhood::strangers(const std::set<std::string>& task_ids, bool with_zombies) const {
  const auto all = seeProcesses();
  const auto of_spawner = descendantsOf(all, spawner_pid_);
  auto known = descendantsOf(all, bystander_pid_);
  known.insert({bystander_pid_, host_pid_, spawner_pid_});
  if (const auto bystander = all.find(bystander_pid_); bystander != all.end()) {
    const auto parent = all.find(bystander->second.parent);
    if (parent != all.end() && parent->second.name == "vx11-init") known.insert(parent->first);
  }
  // Another run of these tests at the same time has the same user ids to choose from.
  for (const auto& [pid, process] : all) {
    if (pid != spawner_pid_ && process.uid == 0 && process.name == "vx11-spawner")
      known.merge(descendantsOf(all, pid));
  }
  SeenProcesses found;
  for (const auto& [pid, process] : all) {
    if (known.contains(pid) || (process.zombie && !with_zombies)) continue;
    const bool has_its_uid = isolation_.own_uids && process.uid >= uids_.first && process.uid <= uids_.last;
    if (of_spawner.contains(pid) || has_its_uid || task_ids.contains(taskIdOf(pid)))
      found.emplace(pid, process);
  }
  return found;
}

void Neighbourhood::checkNothingLeft(const std::set<std::string>& task_ids, bool outlived) const {
  if (outlived) {
    // Else the program no longer does what it says.
    CHECK_FALSE(strangers(task_ids, false).empty());
    return;
  }
  for (const auto& [pid, process] : strangers(task_ids, false))
    FAIL_CHECK("process " << pid << " (" << process.name << ") of user " << process.uid << " lives");
  CHECK(eventually([&] { return strangers(task_ids, true).empty(); }));
  // The bystander's own.
  CHECK(eventually([&] { return daemon_.taskDirectories().size() == 1; }));
}

void Neighbourhood::checkUndisturbed() {
  CHECK(daemon_.running());
  CHECK(daemon_.pid() == host_pid_);
  CHECK(daemon_.spawnerPid() == spawner_pid_);
  CHECK(alive(bystander_pid_));
  CHECK(readFile(precious(daemon_) / "file") == "dear to somebody\n");
  const auto next = finished(daemon_, post(daemon_, "echo next"));
  CHECK(next.text("status") == "DONE");
  CHECK(next.text("stdout") == "next\n");
  CHECK(next.text("tree_empty") == "true");
}

void Neighbourhood::checkBystandersEnd() {
  ground_->release("go");
  const auto end = finished(daemon_, bystander_);
  CHECK(end.text("status") == "DONE");
  CHECK(end.text("exit_code") == "0");
  CHECK(end.text("stdout") == bystandersOutput());
  CHECK(end.text("stderr").empty());
  CHECK(end.text("tree_empty") == "true");
  CHECK(eventually([&] { return strangers({}, true).empty(); }));
  CHECK(eventually([&] { return daemon_.taskDirectories().empty(); }));
  CHECK(eventually([&] { return daemon_.http().get("/vx11/status").text("tasks_running") == "0"; }));
  checkNothingStuck(daemon_);
}

}  // namespace vx11::test
