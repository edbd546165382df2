#include <unistd.h>

#include <map>
#include <sstream>

#include "calls.hpp"
#include "catch.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

std::map<std::string, std::string> environmentOf(const Answer& result) {
  std::map<std::string, std::string> env;
  std::istringstream in(result.text("stdout"));
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find('=');
    env[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return env;
}

// Without a shell between, which adds variables of its own.
Json showEnvironment() {
  return task("python", "import os\nfor n, v in os.environ.items(): print(n + '=' + v)");
}

}  // namespace

TEST_CASE("environment: a daughter has exactly the documented variables") {
  OpenDaemon daemon;
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto result = run(daemon, showEnvironment(), {{"traceparent", trace}, {"X-Correlation-Id", "mine"}});
  auto env = environmentOf(result);
  const auto home = env["HOME"];
  CHECK_THAT(home, Catch::StartsWith(daemon.setting("tasks.directory") + "/" + result.text("spawn_uuid")));
  const std::map<std::string, std::string> expected{{"HOME", home},
                                                    {"TMPDIR", home},
                                                    {"PWD", home},
                                                    {"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                                    {"LANG", "C.UTF-8"},
                                                    {"VX11_TASK_ID", result.text("spawn_uuid")},
                                                    {"VX11_CORRELATION_ID", "mine"},
                                                    {"TRACEPARENT", trace}};
  CHECK(env == expected);
  CHECK(environmentOf(run(daemon, showEnvironment())).count("TRACEPARENT") == 0);
}

TEST_CASE("environment: nothing of the daemon's own gets through: variables, descriptors, umask, signals") {
  Daemon daemon;
  daemon.setEnvironment("VX11_API_TEST_SECRET", "leaked");
  daemon.setEnvironment("PYTHONPATH", "/leaked");
  daemon.setEnvironment("LD_LIBRARY_PATH", "/leaked");
  daemon.start();
  daemon.openWindow("spawner");
  CHECK_THAT(run(daemon, shell("env")).text("stdout"), !Contains("leaked"));
  CHECK(run(daemon, task("python",
                         "import os\nprint([n for n in map(int, os.listdir('/proc/self/fd')) if n > 3])\n"
                         "print(oct(os.umask(0)), os.getsid(0) == os.getpid())\n"
                         "s = open('/proc/self/status').read()\n"
                         "print([l.split()[1] for l in s.splitlines() if l.startswith('SigBlk')])\n"))
            .text("stdout") == "[]\n0o77 True\n['0000000000000000']\n");
}

TEST_CASE("environment: the host takes all descriptors it may have, a daughter gets the usual soft limit") {
  const OpenDaemon daemon;
  CHECK(run(daemon, shell("[ \"$(ulimit -Sn)\" -le 1024 ] && echo usual")).text("stdout") == "usual\n");
  const auto limits = readFile("/proc/" + std::to_string(daemon.pid()) + "/limits");
  std::istringstream line(
      limits.substr(limits.find("Max open files") + std::string("Max open files").size()));
  std::string soft;
  std::string hard;
  line >> soft >> hard;
  CHECK(soft == hard);
}

TEST_CASE("environment: a daughter is never root, and cannot read the token") {
  OpenDaemon daemon;
  const auto result = run(daemon, shell("id -u; cat '" + (daemon.directory() / "token").string() + "'"));
  if (getuid() == 0) {
    CHECK(result.text("stdout") != "0\n");
    CHECK_THAT(result.text("stdout") + result.text("stderr"), !Contains(daemon.token()));
    CHECK(result.text("exit_code") == "1");
  } else {
    CHECK(result.text("stdout").substr(0, result.text("stdout").find('\n')) == std::to_string(getuid()));
  }
}
