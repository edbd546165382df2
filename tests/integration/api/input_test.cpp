// What goes in: code, arguments, standard input, environment, directory, files, exact to the byte.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/text.hpp"
#include "calls.hpp"
#include "catch.hpp"
#include "wait.hpp"

using namespace vx11::test;
using Catch::Matchers::Contains;

namespace {

// Each of the 256 bytes, in an order that no text has.
std::string allBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>((i * 167 + 13) % 256);
  return bytes;
}

std::string hashOf(const std::string& result) {
  return result.substr(0, result.find(' '));
}

// Of the bytes, by sha256sum.
std::string sha256(const Daemon& daemon, const std::string& bytes) {
  const auto file = daemon.directory() / "hashed";
  writeFile(file, bytes);
  return hashOf(runCommand({"sha256sum", file.string()}).out);
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

// A shell program of exactly `size` bytes that says how many bytes it has.
std::string codeOf(size_t size) {
  std::string code = "wc -c < \"$0\"\nexit\n";
  code.resize(size, '#');
  return code;
}

}  // namespace

TEST_CASE("input: code is exact: quotes, line ends, dashes, dollar signs, other languages") {
  OpenDaemon daemon;
  const std::string odd =
      "cat \"$0\"\nexit\n-n --help 'single' \"double\" `tick` $HOME \\ \\n \t\r\n\r end # "
      "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d \x01\x7f";
  CHECK(run(daemon, shell(odd)).text("stdout") == odd);
  CHECK(run(daemon, task("bash", odd)).text("stdout") == odd);
  const std::string dashes = "--version\n";
  CHECK(run(daemon, shell(dashes)).text("exit_code") == "127");
  const std::string own =
      "import sys\nsys.stdout.write(open(__file__, newline='').read())\n# '\"\\ \r\xc3\xa4";
  CHECK(run(daemon, task("python", own)).text("stdout") == own);
}

TEST_CASE("input: code by base64 may hold any byte") {
  OpenDaemon daemon;
  const std::string code = "cat \"$0\"\nexit\n" + allBytes();
  Json body;
  body.set("task_type", "shell");
  body.set("code_base64", vx11::text::toBase64(code));
  const auto result = run(daemon, body);
  CHECK(vx11::text::fromBase64(result.text("stdout_base64")) == code);
}

TEST_CASE("input: code fills the body limit to the last byte, and one byte more is 413") {
  OpenDaemon daemon;
  constexpr size_t kLimit = 8 * 1024 * 1024;
  const std::string before = R"({"task_type":"shell","code":")";
  const std::string after = "\"}";
  const std::string escaped_start = "wc -c < \\\"$0\\\"\\nexit\\n";
  const auto bodyOf = [&](size_t size) {
    std::string body = before + escaped_start;
    body.resize(size - after.size(), '#');
    return body + after;
  };
  const auto answer = daemon.http().post("/vx11/spawn?wait=60", bodyOf(kLimit));
  REQUIRE(answer.status == 200);
  // The four escapes are one character each in the code.
  const size_t expected = kLimit - before.size() - after.size() - 4;
  const auto result = finished(daemon, answer.text("spawn_id"));
  CHECK(std::stoul(result.text("stdout")) == expected);
  checkProblem(daemon.http().post("/vx11/spawn", bodyOf(kLimit + 1)), 413, "payload_too_large");
}

TEST_CASE("input: code of all sizes about the usual limits of pipes and arguments") {
  OpenDaemon daemon;
  for (const size_t size : {4096u, 65535u, 65536u, 65537u, 131072u, 1000000u}) {
    INFO(size);
    const auto result = run(daemon, shell(codeOf(size)));
    CHECK(std::stoul(result.text("stdout")) == size);
  }
}

TEST_CASE("input: code is on no command line and in no environment, and cmd does not hold it") {
  OpenDaemon daemon;
  const auto go = sharedDirectory(daemon) / "go";
  const std::string secret = "vx11-must-not-be-seen-" + daemon.directory().filename().string();
  auto body = shell("# " + secret + "\n" + waitFor(go));
  const auto id = accept(daemon, body);
  untilRunning(daemon, id);
  int seen = 0;
  const auto own = std::to_string(getpid());
  DIR* processes = opendir("/proc");
  REQUIRE(processes != nullptr);
  while (const auto* entry = readdir(processes)) {
    const std::string name = entry->d_name;
    if (name == own || name.find_first_not_of("0123456789") != std::string::npos) continue;
    for (const char* file : {"/cmdline", "/environ"}) {
      const auto content = readFile("/proc/" + name + file);
      CHECK_THAT(content, !Contains(secret));
      if (content.find("main.sh") != std::string::npos) ++seen;
    }
  }
  closedir(processes);
  CHECK(seen > 0);
  writeFile(go, "");
  finished(daemon, id);
}

TEST_CASE("input: arguments arrive one by one, whatever they hold") {
  OpenDaemon daemon;
  const std::vector<std::string> args{"",          "-n",
                                      "--",        "two words",
                                      "a'b\"c",    "$HOME `id` \\",
                                      "line\nend", "*",
                                      "\xc3\xa4",  std::string(100000, 'x')};
  auto body = shell("for a in \"$@\"; do printf '%s\\0' \"$a\"; done");
  body.set("args", list(args));
  const auto result = run(daemon, body);
  std::string expected;
  for (const auto& arg : args) expected += arg + '\0';
  CHECK(result.text("stdout_bytes") == std::to_string(expected.size()));
  CHECK(result.text("stdout") == expected.substr(0, 65536));

  auto python = task("python", "import sys\nprint(sys.argv[1:])");
  python.set("args", list({"-c", "x y"}));
  CHECK(run(daemon, python).text("stdout") == "['-c', 'x y']\n");
}

TEST_CASE("input: standard input is exact, by text and by base64, and empty where none is given") {
  OpenDaemon daemon;
  auto body = shell("cat");
  body.set("stdin", "line one\nno end \xe2\x82\xac");
  CHECK(run(daemon, body).text("stdout") == "line one\nno end \xe2\x82\xac");

  auto binary = shell("cat");
  binary.set("stdin_base64", vx11::text::toBase64(allBytes()));
  CHECK(vx11::text::fromBase64(run(daemon, binary).text("stdout_base64")) == allBytes());

  auto large = shell("sha256sum");
  const std::string many = [] {
    std::string bytes;
    while (bytes.size() < 600'000) bytes += allBytes();
    return bytes;
  }();
  large.set("stdin_base64", vx11::text::toBase64(many));
  CHECK(hashOf(run(daemon, large).text("stdout")) == sha256(daemon, many));

  CHECK(run(daemon, shell("wc -c")).text("stdout") == "0\n");
  // Nobody reads it: that must hang nothing.
  large.set("code", "exit 0");
  CHECK(run(daemon, large).text("status") == "DONE");
}

TEST_CASE("input: environment variables of the request arrive") {
  OpenDaemon daemon;
  auto body =
      shell("printf '%s|%s|%s|%s' \"$A\" \"$EMPTY\" \"$LONG_ONE\" \"$PATH\"; env | grep -c '^EMPTY=$'");
  body.set("env", object({{"A", "1=2 \n'\"\xc3\xa4"},
                          {"EMPTY", ""},
                          {"LONG_ONE", std::string(30000, 'v')},
                          {"PATH", "/bin:/usr/bin"}}));
  CHECK(run(daemon, body).text("stdout") ==
        "1=2 \n'\"\xc3\xa4||" + std::string(30000, 'v') + "|/bin:/usr/bin1\n");
}

TEST_CASE("input: a request cannot set what tells the task who it is") {
  OpenDaemon daemon;
  for (const char* name : {"VX11_TASK_ID", "VX11_CORRELATION_ID", "VX11_ANYTHING"}) {
    auto body = shell("true");
    body.set("env", object({{name, "forged"}}));
    const auto answer = daemon.http().post("/vx11/spawn", body);
    CHECK_THAT(complaint(answer, std::string("env.") + name), Contains("VX11_"));
  }
  for (const char* name : {"", "A=B"}) {
    auto body = shell("true");
    body.set("env", object({{name, "x"}}));
    checkProblem(daemon.http().post("/vx11/spawn", body), 422, "invalid_field", "env");
  }
}

TEST_CASE("input: the working directory is the one asked for, else the task's own") {
  OpenDaemon daemon;
  const auto shared = sharedDirectory(daemon);
  auto body = shell("pwd");
  body.set("cwd", shared.string());
  CHECK(run(daemon, body).text("stdout") == shared.string() + "\n");
  const auto own = run(daemon, shell("pwd; [ \"$(pwd)\" = \"$HOME\" ] && echo home; : > here && echo mine"));
  CHECK(lines(own.text("stdout")).size() == 3);
  CHECK_THAT(own.text("stdout"),
             Contains(daemon.setting("tasks.directory")) && Contains("home") && Contains("mine"));
  // Gone with the task, so that no task finds what another left.
  CHECK(eventually([&] { return !std::filesystem::exists(lines(own.text("stdout"))[0]); }));
  auto relative = shell("pwd");
  relative.set("cwd", "tmp");
  checkProblem(daemon.http().post("/vx11/spawn", relative), 422, "invalid_field", "cwd");
}

TEST_CASE("input: files lie in the task's directory, exact, with folders, text or base64") {
  OpenDaemon daemon;
  const auto body = [&](const std::string& code) {
    auto made = task("bash", code);
    Poco::JSON::Array::Ptr files = new Poco::JSON::Array;
    files->add(object({{"name", "note.txt"}, {"content", "text \xe2\x82\xac\n"}}));
    files->add(object({{"name", "deep/er/all.bin"}, {"content_base64", vx11::text::toBase64(allBytes())}}));
    files->add(object({{"name", "-odd name'\""}, {"content", ""}}));
    made.set("files", files);
    return made;
  };
  CHECK(run(daemon, body("cat note.txt")).text("stdout") == "text \xe2\x82\xac\n");
  CHECK(vx11::text::fromBase64(run(daemon, body("cat deep/er/all.bin")).text("stdout_base64")) == allBytes());
  CHECK(run(daemon, body("wc -c < ./-odd\\ name\\'\\\"; echo more >> note.txt && tail -n 1 note.txt"))
            .text("stdout") == "0\nmore\n");
}

TEST_CASE("input: a file whose name leads out of the directory, or is taken, is 422 and named") {
  OpenDaemon daemon;
  const auto answerTo = [&](const std::vector<std::string>& names) {
    auto body = shell("true");
    Poco::JSON::Array::Ptr files = new Poco::JSON::Array;
    for (const auto& name : names) files->add(object({{"name", name}, {"content", "x"}}));
    body.set("files", files);
    return daemon.http().post("/vx11/spawn", body);
  };
  for (const char* name : {"/etc/passwd", "../up", "a/../b", "a//b", "./a", ".", "", "a/"}) {
    INFO(name);
    checkProblem(answerTo({"fine", name}), 422, "invalid_field", "files[1].name");
  }
  checkProblem(answerTo({"same", "same"}), 422, "invalid_field", "files[1].name");
  CHECK_THAT(complaint(answerTo({"main.sh"}), "files[0].name"), Contains("the interpreter's own file"));
  checkProblem(answerTo(std::vector<std::string>(191, "f")), 422, "invalid_field", "files");
  // A file that another needs as a folder.
  checkProblem(answerTo({"a", "a/b"}), 422, "invalid_field", "files[1].name");

  auto none = shell("true");
  Poco::JSON::Array::Ptr files = new Poco::JSON::Array;
  files->add(object({{"name", "n"}}));
  none.set("files", files);
  checkProblem(daemon.http().post("/vx11/spawn", none), 422, "invalid_field", "files[0].content");
}
