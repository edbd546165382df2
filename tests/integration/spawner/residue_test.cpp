// What a program leaves outside its directory must not be there for the next one that gets its user id.
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catch.hpp"
#include "host.hpp"
#include "not_shown_here.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

namespace {

// One id for the sweeper, one for all daughters, so that each has the one of the last; of nobody else's
// range.
const std::vector<std::string> kOneId = {"--uid-range", "1900001800-1900001801"};
constexpr uid_t kUid = 1900001801;

// Files and objects of every kind that outlive a process; each printed so that the test can ask for it.
std::string leaveThings(const std::string& name) {
  return "umask 0; cd /tmp && mkdir -p " + name + "/deep/er && echo x >" + name +
         "/deep/er/file && chmod 0 " + name + "/deep/er " + name + " && ln -s /etc /var/tmp/" + name +
         " && echo x >/dev/shm/" + name + " && mkfifo /tmp/" + name +
         ".fifo && ipcmk -M 4096 && ipcmk -S 2 && ipcmk -Q && " +
         // What the kernel takes longer over.
         "ipcmk -M 40000000 && head -c 20000000 /dev/zero >/tmp/" + name + ".huge && cp /tmp/" + name +
         ".huge /dev/shm/" + name + ".huge";
}

const std::string kObjects =
    "for kind in shm sem msg; do awk -v uid=" + std::to_string(kUid) +
    " 'NR>1 { for (i=1;i<=NF;i++) if ($i==uid) print FILENAME }' /proc/sysvipc/$kind; done";

bool anyOf(const std::string& name) {
  struct stat status {};
  for (const auto& path : {"/tmp/" + name, "/tmp/" + name + ".fifo", "/tmp/" + name + ".huge",
                           "/var/tmp/" + name, "/dev/shm/" + name, "/dev/shm/" + name + ".huge"}) {
    if (lstat(path.c_str(), &status) == 0) return true;
  }
  return false;
}

std::string uniqueName() {
  static int count = 0;
  return "vx11-residue-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace

TEST_CASE("spawner: files and System V objects of one daughter are gone before another gets its user id") {
  if (modes().front() != Mode::kOwnUid) return notShownHere("needs root");
  SpawnerProcess process(Mode::kOwnUid, kOneId);
  process.start();
  Host host(process.socket());
  const auto name = uniqueName();
  const auto first = host.runWhenPossible("id -u; " + leaveThings(name));
  INFO(first.err.inline_bytes);
  REQUIRE(first.exit_code == 0);
  CHECK(first.out.inline_bytes.rfind(std::to_string(kUid) + "\n", 0) == 0);
  const auto second = host.runWhenPossible(
      "id -u; find /tmp /var/tmp /dev/shm -maxdepth 1 -user $(id -u) ! -path \"$HOME\"; " + kObjects);
  INFO(second.out.inline_bytes << second.err.inline_bytes);
  CHECK(second.out.inline_bytes == std::to_string(kUid) + "\n");
  CHECK_FALSE(anyOf(name));
}

TEST_CASE("spawner: what a daughter left is gone soon after its end, though nobody waits for its user id") {
  if (modes().front() != Mode::kOwnUid) return notShownHere("needs root");
  SpawnerProcess process(Mode::kOwnUid, {"--uid-range", "1900001810-1900001819"});
  process.start();
  Host host(process.socket());
  const auto name = uniqueName();
  host.run(shell(leaveThings(name)));
  CHECK(eventually([&] { return !anyOf(name); }));
}

TEST_CASE("spawner: after kill -9 the next spawner removes what its predecessor's daughters left") {
  if (modes().front() != Mode::kOwnUid) return notShownHere("needs root");
  SpawnerProcess process(Mode::kOwnUid, {"--uid-range", "1900001820-1900001829"});
  process.start();
  const auto name = uniqueName();
  {
    Host host(process.socket());
    host.send(shell(leaveThings(name) + "; touch /tmp/" + name + ".ready; sleep 60"));
    CHECK(eventually([&] { return exists("/tmp/" + name + ".ready"); }));
    process.signal(SIGKILL);
    process.waitForEnd();
  }
  process.start();
  CHECK(eventually([&] { return !anyOf(name) && !exists("/tmp/" + name + ".ready"); }));
}

TEST_CASE("spawner: the sweep touches nothing of living daughters, and of no other user") {
  if (modes().front() != Mode::kOwnUid) return notShownHere("needs root");
  SpawnerProcess process(Mode::kOwnUid, {"--uid-range", "1900001830-1900001839"});
  process.start();
  Host host(process.socket());
  const auto name = uniqueName();
  host.send(shell("echo mine >/tmp/" + name + ".living; sleep 60"));
  CHECK(eventually([&] { return exists("/tmp/" + name + ".living"); }));
  // A link of a daughter's to a directory of ours: the link goes, the directory stays.
  const auto ours = process.directory() / "ours";
  REQUIRE(mkdir(ours.c_str(), 0777) == 0);
  const auto gone = name + ".gone";
  host.run(shell("ln -s " + ours + " /tmp/" + gone));
  struct stat status {};
  CHECK(eventually([&] { return lstat(("/tmp/" + gone).c_str(), &status) != 0; }));
  CHECK(exists("/tmp/" + name + ".living"));
  CHECK(exists(ours));
  process.signal(SIGTERM);
  process.waitForEnd();
  // With its daughters the spawner takes what they left.
  CHECK_FALSE(exists("/tmp/" + name + ".living"));
}

TEST_CASE("spawner: no daughter gets at keys, neither ours nor those of another, nor leaves any") {
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) < 0 ||
      syscall(SYS_add_key, "user", "vx11-ours", "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0) {
    return notShownHere("needs a kernel with keyrings");
  }
  const auto call = [](long number, const std::string& arguments) {
    return "print(call(" + std::to_string(number) + ", " + arguments + "), ctypes.get_errno())\n";
  };
  const auto search = std::to_string(KEYCTL_SEARCH) + ", -3, b\"user\", b\"vx11-ours\", 0";
  const auto join = std::to_string(KEYCTL_JOIN_SESSION_KEYRING) + ", None";
  for (const auto mode : modes()) {
    SpawnerProcess process(mode);
    process.start();
    Host host(process.socket());
    const auto end = host.runWhenPossible(
        "exec python3 -c 'import ctypes; call = ctypes.CDLL(None, use_errno=True).syscall\n" +
        call(SYS_keyctl, search) + call(SYS_keyctl, join) +
        call(SYS_add_key, "b\"user\", b\"left\", b\"x\", 1, -4") +
        call(SYS_request_key, "b\"user\", b\"vx11-ours\", None, 0") + "'");
    INFO(end.err.inline_bytes);
    CHECK(end.out.inline_bytes == "-1 38\n-1 38\n-1 38\n-1 38\n");  // ENOSYS
  }
}
