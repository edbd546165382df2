// vx11 run: as if the script ran here.
#include <signal.h>

#include "catch.hpp"
#include "terminal.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Until `file` exists, without spinning.
std::string waitFor(const std::filesystem::path& file) {
  return "while ! test -e '" + file.string() + "'; do sleep 0.02; done; ";
}

// Which every user may look into.
std::filesystem::path sharedDirectory(const Daemon& daemon) {
  const auto shared = daemon.directory() / "shared";
  std::filesystem::create_directories(shared);
  std::filesystem::permissions(shared, std::filesystem::perms::all);
  std::filesystem::permissions(daemon.directory(), std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
  return shared;
}

size_t running(const Daemon& daemon) {
  return std::stoul(daemon.http().get("/vx11/status").text("tasks_running"));
}

}  // namespace

TEST_CASE("client: run gives both outputs apart and ends with the script's status") {
  const Terminal terminal;
  const auto three = terminal.vx11({"run", "-t", "bash", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(three.out == "out\n");
  CHECK(three.err == "err\n");
  CHECK(three.exit_status == 3);
  CHECK(terminal.vx11({"run", "-t", "shell", "-c", "true"}).exit_status == 0);
  const auto killed = terminal.vx11({"run", "-t", "shell", "-c", "kill -9 $$"});
  CHECK(killed.exit_status == 128 + SIGKILL);
  CHECK_THAT(killed.err, Contains("ended by signal 9 (SIGKILL)"));
  const auto late = terminal.vx11({"run", "-t", "shell", "--ttl", "1", "-c", "exec sleep 60"});
  CHECK(late.exit_status == 124);
  CHECK_THAT(late.err, Contains("time limit"));
  CHECK(terminal.vx11({"run", "-q", "-t", "shell", "-c", "kill -9 $$"}).err.empty());
}

TEST_CASE("client: run takes a file by its first line, with arguments, input, environment and files") {
  Terminal terminal;
  const auto script = terminal.daemon().directory() / "script";
  writeFile(script,
            "#!/usr/bin/env python3\nimport os, sys\n"
            "print(sys.argv[1:], sys.stdin.read(), os.environ['A'], open('in').read())\n");
  const auto data = terminal.daemon().directory() / "data";
  writeFile(data, "content");
  const auto result =
      terminal.vx11({"run", "-e", "A=1", "--stdin", data.string(), "--file", "in=" + data.string(),
                     script.string(), "one", "two words", "--", "-v", "--ttl"});
  INFO(result.err);
  CHECK(result.out == "['one', 'two words', '-v', '--ttl'] content 1 content\n");
  CHECK(result.exit_status == 0);
  CHECK(terminal.vx11({"run", "--secret-env", "KEY", "-t", "shell", "-c", "echo $KEY"}, {{"KEY", "hush"}})
            .out == "hush\n");
  // Binary output goes through as it is.
  CHECK(terminal.vx11({"run", "-t", "shell", "-c", "printf '\\377\\000\\303'"}).out ==
        std::string("\xff\0\xc3", 3));
}

TEST_CASE("client: run shows output as it comes, and --json the result at the end") {
  Terminal terminal;
  const auto go = sharedDirectory(terminal.daemon()) / "go";
  auto process =
      terminal.begin({"run", "-t", "shell", "-c", "echo first; " + waitFor(go) + "echo second"}, {});
  CHECK(process.firstLine() == "first");
  writeFile(go, "");
  CHECK(process.wait() == 0);
  CHECK(process.printed() == "first\nsecond\n");
  const auto json = terminal.vx11({"--json", "run", "-t", "shell", "-c", "echo x"});
  CHECK_THAT(json.out, Contains(R"("stdout":"x\n")") && Contains(R"("status":"DONE")"));
  CHECK(json.out.find("x\n{") == std::string::npos);
}

TEST_CASE("client: Ctrl-C cancels what runs, and run ends with it") {
  Terminal terminal;
  const auto errors = terminal.daemon().directory() / "errors";
  auto process = terminal.begin({"run", "-t", "shell", "-c", "echo here; exec sleep 1000"}, errors);
  CHECK(process.firstLine() == "here");
  process.signal(SIGINT);
  CHECK(process.wait() == 130);
  CHECK_THAT(readFile(errors), Contains("cancelling spawn-") && Contains("cancelled: "));
  CHECK(eventually([&] { return running(terminal.daemon()) == 0; }));
}

TEST_CASE("client: what nobody reads any more is cancelled") {
  Terminal terminal;
  const auto result =
      runCommand({"bash", "-c", "set -o pipefail; " VX11_CLIENT_BINARY " run -t shell -c yes | head -n 2"},
                 terminal.environment());
  CHECK(result.out == "y\ny\n");
  CHECK(result.exit_status == 128 + SIGPIPE);
  CHECK(eventually([&] { return running(terminal.daemon()) == 0; }));
}

TEST_CASE("client: run goes on over a restart of the host") {
  Terminal terminal;
  auto& daemon = terminal.daemon();
  const auto shared = sharedDirectory(daemon);
  const auto errors = daemon.directory() / "errors";
  // The port must stay the same.
  daemon.set("http.port", std::to_string(daemon.port()));
  auto process = terminal.begin(
      {"run", "-t", "shell", "-c", "echo before; " + waitFor(shared / "go") + "echo after"}, errors);
  CHECK(process.firstLine() == "before");
  daemon.kill9();
  daemon.start();
  writeFile(shared / "go", "");
  CHECK(process.wait() == 0);
  CHECK(process.printed() == "before\nafter\n");
  CHECK_THAT(readFile(errors), Contains("the connection is lost"));
}

TEST_CASE(
    "client: a closed window, an unknown type and a host that is not there are told with what to type") {
  Terminal terminal;
  terminal.daemon().http().post("/vx11/window/close", R"({"target":"spawner"})");
  const auto denied = terminal.vx11({"run", "-t", "shell", "-c", "true"});
  CHECK(denied.exit_status == 125);
  CHECK_THAT(denied.err, Contains("window is closed") && Contains("try: vx11 window open spawner"));
  CHECK(terminal.vx11({"window", "open", "spawner", "--ttl", "60"}).exit_status == 0);
  const auto unknown = terminal.vx11({"run", "-t", "perl", "-c", "1"});
  CHECK(unknown.exit_status == 1);
  CHECK_THAT(unknown.err, Contains("bash, python, shell"));
  terminal.daemon().terminate();
  const auto nobody = terminal.vx11({"run", "-t", "shell", "-c", "true"});
  CHECK(nobody.exit_status == 125);
  CHECK_THAT(nobody.err, Contains("nothing answers at http://127.0.0.1:") && Contains("try: vx11 doctor"));
}
