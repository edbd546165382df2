#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/id.hpp"
#include "catch.hpp"
#include "host.hpp"
#include "spawner_process.hpp"

using namespace vx11;
using namespace vx11::spawner;
using namespace vx11::test;

TEST_CASE("spawner: what somebody else keeps beside the task directories stays, and the log says so") {
  for (const auto mode : modes()) {
    SpawnerProcess process(mode);
    process.start();
    process.signal(SIGTERM);
    process.waitForEnd();
    const auto precious = {std::string("precious"), std::string("photos.2026"), std::string("4711"),
                           newUuid(), newUuid() + "." + newUuid() + ".old"};
    for (const auto& name : precious) {
      std::filesystem::create_directories(process.tasks() + "/" + name);
      writeFile(process.tasks() + "/" + name + "/file", "dear", 0644);
    }
    const auto left = process.tasks() + "/" + newUuid() + "." + newUuid();
    std::filesystem::create_directories(left + "/deep");
    struct stat owner {};
    REQUIRE(stat(process.tasks().c_str(), &owner) == 0);
    for (const auto& path : {left, left + "/deep"})
      REQUIRE(chown(path.c_str(), owner.st_uid, owner.st_gid) == 0);
    process.start();
    Host host(process.socket());
    CHECK(host.run(shell("true")).exit_code == 0);
    CHECK(eventually([&] { return !exists(left); }));
    for (const auto& name : precious) CHECK(readFile(process.tasks() + "/" + name + "/file") == "dear");
    CHECK(eventually([&] { return entriesIn(process.tasks()) == precious.size(); }));
    CHECK_THAT(process.log(), Catch::Contains("task_directories.foreign") && Catch::Contains("entries=5"));
  }
}

TEST_CASE("spawner: a missing program is an end of its own that names it") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("");
  start.program = "/usr/bin/no-such-program";
  const auto end = host.run(std::move(start));
  CHECK(end.end == End::kSpawnError);
  CHECK(end.started_at_us == 0);
  CHECK(end.ended_at_us > 0);
  CHECK(end.reason == "cannot run /usr/bin/no-such-program: No such file or directory (ENOENT)");
  CHECK(eventually([&] { return entriesIn(process.tasks()) == 0; }));
  CHECK(host.run(shell("echo next")).out.inline_bytes == "next\n");
}

TEST_CASE("spawner: what cannot be executed as it stands is refused with a sentence") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  const auto reasonOf = [&](Start start) {
    const auto end = host.run(std::move(start));
    CHECK(end.end == End::kSpawnError);
    CHECK(end.started_at_us == 0);
    return end.reason;
  };
  auto start = shell("");
  start.program = "sh";
  CHECK(reasonOf(std::move(start)) == "the program's path must be absolute, not 'sh'");
  start = shell("");
  start.cwd = "/no/such/place";
  CHECK(reasonOf(std::move(start)) ==
        "cannot enter the directory /no/such/place: No such file or directory (ENOENT)");
  start = shell("");
  start.args.push_back({std::string("a\0b", 3), false});
  CHECK(reasonOf(std::move(start)) == "an argument holds a NUL byte");
  start = shell("");
  start.env = {{"A=B", "1"}};
  CHECK(reasonOf(std::move(start)) == "'A=B' cannot be the name of an environment variable");
  start = shell("");
  start.args.push_back({std::string(3'000'000, 'x'), false});
  CHECK(reasonOf(std::move(start)) == "cannot run /bin/sh: Argument list too long (E2BIG)");
  for (const std::string name : {"", "/etc/passwd", "../up", "a/../../b", ".", "a//b", "dir/"}) {
    start = shell("");
    start.files.push_back({name, 0600, sealedMemfd("file", "x")});
    CHECK(reasonOf(std::move(start)).find("cannot be the name of a file") != std::string::npos);
  }
  start = shell("");
  start.files.push_back({"same", 0600, sealedMemfd("file", "x")});
  start.files.push_back({"same", 0600, sealedMemfd("file", "y")});
  CHECK(reasonOf(std::move(start)) == "two files of the task are named same");
  CHECK(eventually([&] { return entriesIn(process.tasks()) == 0; }));
}

TEST_CASE("spawner: files stand in the task directory with their modes, and arguments name them") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  process.start();
  Host host(process.socket());
  auto start = shell("");
  const std::string big(2'000'000, 'b');
  start.args = {{"main.sh", true}, {"argument", false}};
  start.files.push_back(
      {"main.sh", 0600, sealedMemfd("file", "stat -c '%a %n' *; wc -c < data/deep/big; echo $0 $1 $PWD\n")});
  start.files.push_back({"data/deep/big", 0644, sealedMemfd("file", big)});
  start.files.push_back({"tool", 0755, sealedMemfd("file", "")});
  const auto directory = process.tasks() + "/" + start.spawn_uuid + "." + start.nonce;
  const auto end = host.run(std::move(start));
  CHECK(end.err.inline_bytes.empty());
  CHECK(end.out.inline_bytes ==
        "700 data\n600 main.sh\n755 tool\n2000000\n" + directory + "/main.sh argument " + directory + "\n");
}

TEST_CASE("spawner: the environment is exactly the documented one") {
  SpawnerProcess process(GENERATE(from_range(modes())));
  setenv("VX11_TEST_SECRET", "must not be inherited", 1);
  process.start();
  Host host(process.socket());
  const auto environmentOf = [&](Start start) {
    start.program = "/usr/bin/env";
    start.args.clear();
    const auto end = host.run(std::move(start));
    std::vector<std::string> lines;
    std::istringstream text(end.out.inline_bytes);
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  auto plain = shell("");
  plain.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto directory = process.tasks() + "/" + plain.spawn_uuid + "." + plain.nonce;
  const std::vector<std::string> expected = {
      "HOME=" + directory,
      "LANG=C.UTF-8",
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "PWD=" + directory,
      "TMPDIR=" + directory,
      "TRACEPARENT=" + plain.traceparent,
      "VX11_CORRELATION_ID=" + plain.correlation_id,
      "VX11_TASK_ID=" + plain.spawn_uuid,
  };
  CHECK(environmentOf(std::move(plain)) == expected);

  auto own = shell("");
  own.env = {
      {"PATH", "/bin"}, {"HOME", "/"}, {"VX11_TASK_ID", "forged"}, {"VX11_OTHER", "forged"}, {"A", "1=2"}};
  own.cwd = "/usr";
  const auto own_directory = process.tasks() + "/" + own.spawn_uuid + "." + own.nonce;
  const std::vector<std::string> own_expected = {
      "A=1=2",
      "HOME=/",
      "LANG=C.UTF-8",
      "PATH=/bin",
      "PWD=/usr",
      "TMPDIR=" + own_directory,
      "VX11_CORRELATION_ID=" + own.correlation_id,
      "VX11_TASK_ID=" + own.spawn_uuid,
  };
  CHECK(environmentOf(std::move(own)) == own_expected);
}

TEST_CASE("spawner: a nonce is started once") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  const auto again = [&](const Start& first) {
    auto start = shell("echo twice");
    start.nonce = first.nonce;
    host.send(std::move(start));
    const auto refused = host.await<Refused>();
    CHECK(refused.nonce == first.nonce);
    CHECK_FALSE(refused.transient);
    return refused.reason;
  };
  auto start = shell("read line");
  Start ids;
  ids.nonce = start.nonce;
  start = shell("sleep 60");
  start.nonce = ids.nonce;
  host.send(std::move(start));
  host.await<Started>();
  CHECK(again(ids) == "this nonce is running");
  host.send(Kill{ids.nonce, "enough"});
  host.finished(ids.nonce);
  CHECK(again(ids) == "this nonce was used before");
  host.send(Acknowledge{ids.nonce});
  CHECK(again(ids) == "this nonce was used before");
}

TEST_CASE("spawner: identifiers that could leave their directory are refused") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  for (const std::string bad : {"../x", "a/b", "a.b", "x\n", "\xff"}) {
    auto start = shell("echo x");
    start.nonce = bad;
    host.send(std::move(start));
    CHECK_FALSE(host.await<Refused>().transient);
    start = shell("echo x");
    start.spawn_uuid = bad;
    host.send(std::move(start));
    CHECK_FALSE(host.await<Refused>().transient);
  }
}

TEST_CASE("spawner: each life step leaves a line that its correlation id finds") {
  SpawnerProcess process(modes().front());
  process.start();
  Host host(process.socket());
  auto start = shell("exit 4");
  const auto cid = start.correlation_id;
  host.run(std::move(start));
  REQUIRE(eventually(
      [&] { return process.log().find("event=daughter.finished trace_id=" + cid) != std::string::npos; }));
  CHECK(process.log().find("event=daughter.started trace_id=" + cid) != std::string::npos);
  CHECK(process.log().find("task_type=shell") != std::string::npos);
  CHECK(process.log().find("exit_code=4") != std::string::npos);
}

TEST_CASE("spawner: plans are logged as JSON on request") {
  SpawnerProcess process(modes().front(), {"--log-plans"});
  process.start();
  Host host(process.socket());
  host.run(shell("echo planned"));
  CHECK(eventually([&] { return process.log().find("event=daughter.planned") != std::string::npos; }));
}
