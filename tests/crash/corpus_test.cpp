// Runs every program of programs/ under every kind of isolation, as a case of its own.
#include <algorithm>
#include <filesystem>

#include <Poco/JSON/Object.h>

#include "catch.hpp"
#include "neighbourhood.hpp"
#include "not_shown_here.hpp"
#include "statement.hpp"
#include "wait.hpp"

using namespace vx11::test;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> programs() {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(VX11_PROGRAM_DIRECTORY)) all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

std::string taskTypeOf(const fs::path& program) {
  const auto extension = program.extension();
  if (extension == ".sh") return "shell";
  if (extension == ".bash") return "bash";
  if (extension == ".py") return "python";
  throw std::runtime_error(program.filename().string() + " has the name of no task type");
}

// So many that a program that is run for each of its numbers does not wait for them.
UidRange uidsOf(size_t program) {
  constexpr uid_t kFirst = 1'900'002'000;
  constexpr uid_t kEach = 20;
  const auto first = kFirst + static_cast<uid_t>(program) * kEach;
  return {first, first + kEach - 1};
}

struct Run {
  const Ending* ending;
  std::optional<int> number;
  std::string id;
};

std::vector<Run> runsOf(const Endings& endings) {
  std::vector<Run> runs;
  for (const auto& ending : endings.all) {
    if (ending.numbers.empty()) runs.push_back({&ending, std::nullopt, {}});
    for (const auto& range : ending.numbers) {
      for (int number = range.first; number <= range.last; ++number) runs.push_back({&ending, number, {}});
    }
  }
  return runs;
}

std::string start(const Neighbourhood& around, const fs::path& program, const Statement& statement,
                  const Run& run) {
  Poco::JSON::Object body;
  body.set("task_type", taskTypeOf(program));
  body.set("code", readFile(program));
  body.set("ttl_seconds", statement.ttl_seconds);
  Poco::JSON::Object::Ptr env = new Poco::JSON::Object;
  for (const auto& [name, value] : around.targets()) env->set(name, value);
  body.set("env", env);
  if (run.number) {
    Poco::JSON::Array::Ptr args = new Poco::JSON::Array;
    args->add(std::to_string(*run.number));
    body.set("args", args);
  }
  const auto answer = around.daemon().http().post("/vx11/spawn", body);
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return answer.text("spawn_id");
}

std::string shown(const std::optional<int>& stated, const std::optional<int>& number) {
  if (!stated) return "null";
  return std::to_string(*stated == Ending::kItsNumber ? number.value() : *stated);
}

void checkOutput(const Answer& result, const Ending& ending) {
  const auto bytes = std::stoll(result.text("stdout_bytes"));
  if (ending.output == Ending::Output::kExactly) CHECK(result.text("stdout") == ending.out);
  if (ending.output == Ending::Output::kBytes) CHECK(bytes == ending.out_bytes);
  if (ending.output == Ending::Output::kOverBytes) CHECK(bytes > ending.out_bytes);
  CHECK((result.text("stdout_base64") == "null") == ending.text);
  constexpr int64_t kInlineBytes = 65536;
  CHECK(result.json()->getObject("truncated")->getValue<bool>("stdout") == (bytes > kInlineBytes));
}

void checkEnding(const Answer& result, const Ending& ending, const std::optional<int>& number) {
  INFO(result.body.substr(0, 4000));
  CHECK(result.text("status") == ending.status);
  CHECK(result.text("outcome") == ending.outcome);
  CHECK(result.text("exit_code") == shown(ending.exit_code, number));
  CHECK(result.text("signal") == shown(ending.signal, number));
  CHECK(result.text("tree_empty") == (ending.tree_empty ? "true" : "false"));
  CHECK(result.text("pid") == "null");
  CHECK((result.text("reason") == "null") == (ending.status == "DONE" && ending.tree_empty));
  CHECK_THAT(result.text("reason"), Catch::Contains(ending.reason));
  checkOutput(result, ending);
  if (ending.within_seconds)
    CHECK(std::stoll(result.text("duration_ms")) <= *ending.within_seconds * 1000 * kSlowness);
}

void runUnder(const Isolation& isolation, const fs::path& program, const UidRange& uids) {
  const auto statement = readStatement(readFile(program), isolationNames());
  const auto& endings = statement.under.at(isolation.name);
  if (!endings.not_shown.empty()) return notShownHere(endings.not_shown);
  if (const auto why = isolation.why_not_here(); !why.empty()) return notShownHere(why);

  Neighbourhood around(isolation, uids);
  std::set<std::string> task_ids;
  bool outlived = false;
  auto runs = runsOf(endings);
  for (auto& run : runs) run.id = start(around, program, statement, run);
  for (const auto& run : runs) {
    INFO("its number: " << run.number.value_or(0));
    const auto result = finished(around.daemon(), run.id);
    checkEnding(result, *run.ending, run.number);
    task_ids.insert(result.text("spawn_uuid"));
    outlived |= run.ending->outlived;
  }
  around.checkNothingLeft(task_ids, outlived);
  around.checkUndisturbed();
  around.checkBystandersEnd();
}

// A case for each file, which TEST_CASE cannot make.
class Case : public Catch::ITestInvoker {
 public:
  Case(const Isolation& isolation, fs::path program, const UidRange& uids)
      : isolation_(isolation), program_(std::move(program)), uids_(uids) {}
  void invoke() const override { runUnder(isolation_, program_, uids_); }

 private:
  const Isolation& isolation_;
  fs::path program_;
  UidRange uids_;
};

bool registerAll() {
  size_t count = 0;
  for (const auto& program : programs()) {
    const auto uids = uidsOf(count++);
    for (const auto& isolation : isolations()) {
      const auto name = program.filename().string() + " under " + isolation.name;
      // Catch2 owns the case from here on.
      const Catch::AutoReg registered(new Case(isolation, program, uids), CATCH_INTERNAL_LINEINFO, "",
                                      Catch::NameAndTags(name));
    }
  }
  return true;
}

const bool kRegistered = registerAll();

}  // namespace

TEST_CASE("each of at least 25 hostile programs states its right ending under each isolation") {
  CHECK(programs().size() >= 25);
  for (const auto& program : programs()) {
    INFO(program.filename().string());
    CHECK_NOTHROW(readStatement(readFile(program), isolationNames()));
    CHECK_NOTHROW(taskTypeOf(program));
  }
  CHECK(uidsOf(programs().size()).last < 1'900'002'990);
}
