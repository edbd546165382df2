#include "task_request.hpp"

#include <stdlib.h>

#include <algorithm>
#include <fstream>

#include "catch.hpp"
#include "failure.hpp"
#include "temp_directory.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

using namespace vx11::client;
using Catch::Contains;
using vx11::test::TempDirectory;

namespace {

// What the words of a command line make of a request.
std::string bodyOf(std::vector<std::string> words, const std::vector<std::string>& behind_dashes = {}) {
  CLI::App app;
  TaskRequest request;
  request.addTo(app);
  std::reverse(words.begin(), words.end());
  app.parse(words);
  return request.body(behind_dashes);
}

}  // namespace

TEST_CASE("task request: a file, its arguments and what it is given") {
  const TempDirectory directory;
  std::ofstream(directory / "a.py") << "import os";
  std::ofstream(directory / "data", std::ios::binary) << std::string("a\0b", 3);
  setenv("VX11_TEST_VARIABLE", "ours", 1);
  CHECK(bodyOf({(directory / "a.py").string(), "one", "two words", "--ttl", "5", "-e", "A=1=2", "-e",
                "VX11_TEST_VARIABLE", "--file", "in=" + (directory / "data").string(), "--retries", "2",
                "--retry-on", "failed,timeout", "--label", "l"},
               {"-v", "--"}) ==
        R"({"task_type":"python","code":"import os","args":["one","two words","-v","--"],)"
        R"("env":{"A":"1=2","VX11_TEST_VARIABLE":"ours"},"files":[{"content_base64":"YQBi","name":"in"}],)"
        R"("ttl_seconds":5,"max_retries":2,"retry_on":["failed","timeout"],"label":"l"})");
  CHECK_THAT(bodyOf({"-c", "true", "-t", "shell", "--file", (directory / "data").string()}),
             Contains(R"("name":"data")"));
  CHECK_THAT(bodyOf({"-c", "x\xff", "-t", "shell"}), Contains(R"("code_base64":"eP8=")"));
}

TEST_CASE(
    "task request: words are the script's where it is given by --code, and the first one behind -- may be "
    "it") {
  const TempDirectory directory;
  std::ofstream(directory / "a.sh") << "true";
  CHECK(bodyOf({"-c", "echo $1", "-t", "shell", "word"}, {"-x"}) ==
        R"({"task_type":"shell","code":"echo $1","args":["word","-x"]})");
  CHECK(bodyOf({"--limit", "cpu_seconds=5", "--limit", "open_files=64", "--on-output-limit", "kill"},
               {(directory / "a.sh").string(), "-v"}) ==
        R"({"task_type":"shell","code":"true","args":["-v"],"limits":{"cpu_seconds":5,"open_files":64},)"
        R"("on_output_limit":"kill"})");
}

TEST_CASE("task request: what makes no sense is told with what to type") {
  const TempDirectory directory;
  std::ofstream(directory / "script") << "echo";
  const auto trouble = [](const std::vector<std::string>& words) {
    try {
      bodyOf(words);
    } catch (const Failure& failure) {
      CHECK(failure.exitCode() == kWrongUsage);
      return std::string(failure.what());
    }
    return std::string();
  };
  CHECK_THAT(trouble({}), Contains("what to run is missing"));
  CHECK_THAT(trouble({"-c", "true", "-t", "shell", "--limit", "cpu_seconds"}),
             Contains("must be NAME=NUMBER"));
  CHECK_THAT(trouble({"-", "--stdin", "-"}), Contains("not both"));
  CHECK_THAT(trouble({(directory / "none").string()}), Contains("No such file"));
  CHECK_THAT(trouble({directory.path().string()}), Contains("cannot be read"));
  CHECK_THAT(trouble({(directory / "script").string()}), Contains("what runs it"));
  CHECK_THAT(trouble({"-c", "true", "-t", "shell", "-e", "VX11_TEST_NOT_SET"}), Contains("no such variable"));
}
