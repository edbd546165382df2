#include "spawner/options.hpp"

#include <vector>

#include "catch.hpp"

using namespace vx11::spawner;

namespace {

Options parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "vx11-spawner");
  return parseOptions(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("spawner options: the three paths are enough, the rest has defaults") {
  const auto options = parse({"--socket", "s", "--spool", "p", "--tasks", "t"});
  CHECK(options.socket == "s");
  CHECK(options.spool == "p");
  CHECK(options.tasks == "t");
  CHECK(options.uid_range.first == 1'900'000'000);
  CHECK(options.uid_range.last == 1'900'000'999);
  CHECK(options.max_processes == 1024);
  CHECK(options.max_output_bytes == 1'073'741'824);
  CHECK(options.max_directory_bytes == 536'870'912);
  CHECK(options.idle_exit.count() == 60);
  CHECK(options.kill_grace.count() == 2000);
  CHECK_FALSE(options.host_uid);
  CHECK(options.cgroups);
  CHECK(options.namespaces);
  CHECK(options.pid_namespaces);
  CHECK(options.hidden.empty());
  CHECK_FALSE(options.background);
}

TEST_CASE("spawner options: every option is taken") {
  const auto options = parse({"--socket",
                              "s",
                              "--spool",
                              "p",
                              "--tasks",
                              "t",
                              "--uid-range",
                              "5-9",
                              "--max-processes",
                              "3",
                              "--max-directory-bytes",
                              "5",
                              "--max-output-bytes",
                              "4",
                              "--host-uid",
                              "7",
                              "--idle-exit",
                              "0",
                              "--kill-grace",
                              "10",
                              "--log",
                              "l",
                              "--background",
                              "--log-plans",
                              "--no-cgroups",
                              "--no-namespaces",
                              "--no-pid-namespaces",
                              "--hide",
                              "/a/",
                              "--hide",
                              "/"});
  CHECK_FALSE(options.namespaces);
  CHECK_FALSE(options.pid_namespaces);
  CHECK(options.hidden == std::vector<std::string>{"/a", "/"});
  CHECK_FALSE(options.cgroups);
  CHECK(options.uid_range.first == 5);
  CHECK(options.uid_range.last == 9);
  CHECK(options.max_processes == 3);
  CHECK(options.max_output_bytes == 4);
  CHECK(options.max_directory_bytes == 5);
  CHECK(options.host_uid == 7U);
  CHECK(options.idle_exit.count() == 0);
  CHECK(options.kill_grace.count() == 10);
  CHECK(options.log == "l");
  CHECK(options.background);
  CHECK(options.log_plans);
  CHECK(parse({"--version"}).version);
}

TEST_CASE("spawner options: what is wrong is named") {
  CHECK_THROWS_WITH(parse({"--spool", "p", "--tasks", "t"}), "--socket PATH is missing");
  CHECK_THROWS_WITH(parse({"--frob"}), "unknown argument '--frob'");
  CHECK_THROWS_WITH(parse({"--socket"}), "--socket needs a value");
  CHECK_THROWS_AS(parse({"--idle-exit", "1.5"}), UsageError);
  CHECK_THROWS_AS(parse({"--idle-exit", "-1"}), UsageError);
  CHECK_THROWS_AS(parse({"--kill-grace", ""}), UsageError);
}

TEST_CASE("spawner options: a range of ids without root, in order, of at least two") {
  for (const char* bad :
       {"", "5", "5-", "-5", "0-9", "9-5", "5-5", "5-9x", "5-99999999999", "5-4294967295"}) {
    CHECK_THROWS_AS(parseUidRange(bad), UsageError);
  }
}
