// vx11 submit, ps, result, logs, cancel, window, status.
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "catch.hpp"
#include "terminal.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// Of an output of one line.
std::string line(const CommandResult& result) {
  INFO(result.err);
  CHECK(result.exit_status == 0);
  return result.out.substr(0, result.out.find('\n'));
}

}  // namespace

TEST_CASE("client: submit prints an id with which result, logs and cancel find the task") {
  const Terminal terminal;
  const auto id = line(
      terminal.vx11({"submit", "-t", "bash", "-c", "echo out; echo err >&2; exit 4", "--label", "mine"}));
  CHECK_THAT(id, StartsWith("spawn-"));
  const auto result = terminal.vx11({"result", "--wait", id});
  CHECK(result.exit_status == 4);
  CHECK_THAT(result.out,
             Contains("status    failed\n") && Contains("exit code 4\n") && Contains("label     mine\n"));
  const auto logs = terminal.vx11({"logs", id});
  CHECK(logs.out == "out\n");
  CHECK(logs.err == "err\n");
  CHECK(terminal.vx11({"logs", "--stdout", id}).err.empty());
  CHECK(terminal.vx11({"logs", "--stderr", id}).out.empty());
  CHECK(terminal.vx11({"logs", "-f", id}).out == "out\n");
  CHECK_THAT(terminal.vx11({"result", "--json", id}).out, Contains(R"("exit_code":4)"));

  const auto waits = line(terminal.vx11({"submit", "-t", "shell", "-c", "exec sleep 1000"}));
  const auto early = terminal.vx11({"logs", waits});
  CHECK(early.exit_status == 1);
  CHECK_THAT(early.err, Contains("has not ended yet") && Contains("try: vx11 logs -f " + waits));
  const auto cancelled = terminal.vx11({"cancel", "--reason", "too slow", "nobody", waits});
  CHECK(cancelled.out == waits + " cancelled\n");
  CHECK(cancelled.exit_status == 1);
  CHECK_THAT(cancelled.err, Contains("nobody: there is no spawn"));
  CHECK(terminal.vx11({"result", waits}).exit_status == 130);
  CHECK_THAT(terminal.vx11({"result", waits}).out, Contains("too slow"));
}

TEST_CASE("client: ps lists the newest first, filtered, for people and for programs") {
  const Terminal terminal;
  CHECK_THAT(terminal.vx11({"ps"}).err, Contains("there are none"));
  terminal.vx11({"run", "-t", "shell", "-c", "true", "--label", "first\nline"});
  terminal.vx11({"run", "-t", "bash", "-c", "exit 1", "--label", "second"});
  const auto all = terminal.vx11({"ps"});
  CHECK(all.exit_status == 0);
  CHECK_THAT(all.out,
             StartsWith("ID") && Contains("failed") && Contains("DONE") && Contains("first\\x0aline"));
  CHECK(all.out.find("second") < all.out.find("first"));
  // Not a terminal: no colours.
  CHECK(all.out.find('\x1b') == std::string::npos);
  const auto bash = terminal.vx11({"ps", "--type", "bash"});
  CHECK_THAT(bash.out, Contains("second") && !Contains("first"));
  CHECK_THAT(terminal.vx11({"ps", "--status", "DONE"}).out, Contains("first") && !Contains("second"));
  CHECK_THAT(terminal.vx11({"ps", "-n", "1"}).err, Contains("there are more"));
  const auto bad = terminal.vx11({"ps", "--status", "GONE"});
  CHECK(bad.exit_status == 1);
  CHECK_THAT(bad.err, Contains("status"));
  const auto json = terminal.vx11({"--json", "ps"});
  CHECK(Poco::JSON::Parser().parse(json.out).extract<Poco::JSON::Object::Ptr>()->getArray("spawns")->size() ==
        2);
}

TEST_CASE("client: windows are opened, looked at and closed") {
  const Terminal terminal;
  CHECK_THAT(terminal.vx11({"window", "open", "switch", "--ttl", "600"}).out, StartsWith("switch open for "));
  CHECK_THAT(terminal.vx11({"window", "status", "switch"}).out, StartsWith("switch open for "));
  CHECK(terminal.vx11({"window", "close", "switch"}).out == "switch closed\n");
  CHECK(terminal.vx11({"window", "status", "switch"}).out == "switch closed\n");
  const auto wrong = terminal.vx11({"window", "open", "spawner", "--ttl", "0"});
  CHECK(wrong.exit_status == 1);
  CHECK_THAT(wrong.err, Contains("ttl_seconds"));
  CHECK_THAT(terminal.vx11({"status"}).out, Contains("windows  open: spawner (windowed)"));
}

TEST_CASE("client: backup prints where it is") {
  const Terminal terminal;
  const auto result = terminal.vx11({"backup"});
  CHECK(std::filesystem::exists(std::filesystem::path(line(result)) / "vx11.db"));
  CHECK_THAT(result.err, Contains("0 tasks"));
}

TEST_CASE("client: a token of its own opens the door until it is revoked, and is kept as a hash") {
  const Terminal terminal;
  const auto secret = line(terminal.vx11({"token", "add", "laptop"}));
  CHECK(secret.size() == 64);
  const std::map<std::string, std::string> own{{"VX11_TOKEN", secret}};
  CHECK(terminal.vx11({"status"}, own).exit_status == 0);
  CHECK(terminal.vx11({"status"}).exit_status == 0);
  CHECK(terminal.vx11({"token", "list"}).out == "laptop\n");
  CHECK(terminal.vx11({"token", "add", "laptop"}).exit_status == 1);
  CHECK(terminal.vx11({"token", "add", "two words"}).exit_status == 2);
  CHECK(terminal.vx11({"token", "revoke", "phone"}).exit_status == 1);
  CHECK(terminal.vx11({"token", "revoke", "laptop"}).exit_status == 0);
  CHECK(terminal.vx11({"status"}, own).exit_status == 1);
  CHECK(terminal.vx11({"status"}).exit_status == 0);
  CHECK(terminal.vx11({"token", "list"}).out.empty());
  const auto elsewhere = terminal.vx11({"token", "list"}, {{"VX11_STATE", "/nonexistent"}});
  CHECK(elsewhere.exit_status == 125);
}

TEST_CASE("client: trace draws where the time went") {
  const Terminal terminal;
  const auto id =
      line(terminal.vx11({"submit", "-t", "shell", "-c", "sleep 0.2; exit 1", "--correlation-id", "mine"}));
  terminal.vx11({"result", "--wait", id});
  const auto trace = terminal.vx11({"trace", id});
  CHECK_THAT(trace.out, StartsWith("trace mine, 2") && Contains("waits 1") && Contains("starts 1") &&
                            Contains("runs 1") && Contains("########") && Contains(id + " failed: "));
  CHECK(terminal.vx11({"trace", "mine"}).out == trace.out);
  CHECK_THAT(terminal.vx11({"trace", "--perfetto", "mine"}).out, StartsWith(R"({"traceEvents":[)"));
  CHECK(terminal.vx11({"trace", "nobody"}).exit_status == 1);
}

TEST_CASE("client: wrong usage is 2 and says what is known") {
  const Terminal terminal;
  for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                 {"nonsense"},
                                                                 {"run"},
                                                                 {"result"},
                                                                 {"ps", "--limit", "many"},
                                                                 {"window"},
                                                                 {"run", "--nonsense"}}) {
    const auto result = terminal.vx11(words);
    CAPTURE(words, result.err);
    CHECK(result.exit_status == 2);
    CHECK_FALSE(result.err.empty());
  }
  const auto help = terminal.vx11({"--help"});
  CHECK(help.exit_status == 0);
  CHECK_THAT(help.out, Contains("Exit status"));
  CHECK_THAT(terminal.vx11({"--version"}).out, StartsWith("vx11 0."));
}
