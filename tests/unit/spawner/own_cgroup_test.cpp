#include "spawner/cgroups/own_cgroup.hpp"

#include "catch.hpp"

using vx11::spawner::ownCgroup;

namespace {

const std::string kUnified =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

}  // namespace

TEST_CASE("own cgroup: on a pure v2 it lies below the mount") {
  const std::string others = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";
  CHECK(ownCgroup(others + kUnified, "0::/system.slice/vx11-spawner.service\n") ==
        "/sys/fs/cgroup/system.slice/vx11-spawner.service");
  CHECK(ownCgroup(kUnified, "0::/\n") == "/sys/fs/cgroup");
}

TEST_CASE("own cgroup: on a hybrid the v2 part counts") {
  const std::string hybrid =
      "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
      "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
  CHECK(ownCgroup(hybrid, "9:pids:/user.slice\n1:name=systemd:/user.slice\n0::/user.slice\n") ==
        "/sys/fs/cgroup/unified/user.slice");
}

TEST_CASE("own cgroup: a mount that shows a part of the hierarchy counts where we are in that part") {
  const std::string part = "600 590 0:26 /docker/abc /sys/fs/cgroup ro,relatime - cgroup2 cgroup rw\n";
  CHECK(ownCgroup(part, "0::/docker/abc\n") == "/sys/fs/cgroup");
  CHECK(ownCgroup(part, "0::/docker/abc/inner\n") == "/sys/fs/cgroup/inner");
  CHECK_FALSE(ownCgroup(part, "0::/docker/abcdef\n"));
  CHECK_FALSE(ownCgroup(part, "0::/\n"));
  CHECK(ownCgroup(part + kUnified, "0::/elsewhere\n") == "/sys/fs/cgroup/elsewhere");
}

TEST_CASE("own cgroup: blanks and backslashes in a path are read as mountinfo writes them") {
  const std::string odd = "30 23 0:26 / /srv/a\\040b\\134c rw - cgroup2 cgroup2 rw\n";
  CHECK(ownCgroup(odd, "0::/x y\n") == "/srv/a b\\c/x y");
}

TEST_CASE("own cgroup: where there is none, or none that we may see, there is none") {
  CHECK_FALSE(ownCgroup("", ""));
  CHECK_FALSE(ownCgroup(kUnified, ""));
  CHECK_FALSE(ownCgroup(kUnified, "9:pids:/user.slice\n"));
  CHECK_FALSE(ownCgroup("", "0::/\n"));
  CHECK_FALSE(ownCgroup("31 23 0:28 / /sys/fs/cgroup rw - tmpfs cgroup2 rw\n", "0::/\n"));
  // Outside our cgroup namespace.
  CHECK_FALSE(ownCgroup(kUnified, "0::/../other\n"));
}
