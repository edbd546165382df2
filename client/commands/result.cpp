// vx11 result: how a task is, or how it ended.
#include <algorithm>
#include <array>

#include "command.hpp"
#include "failure.hpp"
#include "outcome.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

constexpr int kLongestWait = 60;  // of one call

struct Question {
  std::string id;
  bool wait = false;
};

// Asked again and again, for as long as it takes.
Answer ask(Door& door, const Question& question) {
  const auto target = "/vx11/result/" + encoded(question.id);
  while (true) {
    auto answer = door.get(target + (question.wait ? "?wait=" + std::to_string(kLongestWait) : ""));
    if (!question.wait || !text(*answer.json, "finished_at").empty()) return answer;
  }
}

void show(const Json& result) {
  const auto word = wordOf(result);
  const auto line = [&](const char* name, const std::string& value, const std::string& shown = {}) {
    if (!value.empty()) print(inColour(Colour::kFaint, name) + (shown.empty() ? printable(value) : shown));
  };
  line("id        ", text(result, "spawn_id"));
  line("status    ", word, shownWord(word));
  line("exit code ", text(result, "exit_code"));
  line("reason    ", text(result, "reason"));
  line("waits     ", text(result, "queue_reason"));
  line("type      ", text(result, "task_type"));
  line("label     ", text(result, "label"));
  line("trace     ", text(result, "correlation_id"));
  line("created   ", text(result, "created_at"));
  line("started   ", text(result, "started_at"));
  line("finished  ", text(result, "finished_at"));
  if (const auto took = result.get("duration_ms"); !took.isEmpty())
    line("took      ", duration(took.convert<double>() / 1000));
  line("stdout    ", text(result, "stdout_bytes"), text(result, "stdout_bytes") + " bytes");
  line("stderr    ", text(result, "stderr_bytes"), text(result, "stderr_bytes") + " bytes");
}

void tell(Context& context, const Question& question) {
  const auto answer = ask(context.door(), question);
  if (context.json) {
    print(answer.body);
  } else {
    show(*answer.json);
  }
  const bool ended = !text(*answer.json, "finished_at").empty();
  if (ended) context.exit_code = exitCodeOf(*answer.json);
  if (ended && !context.json &&
      text(*answer.json, "stdout_bytes") + text(*answer.json, "stderr_bytes") != "00")
    note("its output: vx11 logs " + text(*answer.json, "spawn_id"));
}

}  // namespace

void addResult(CLI::App& app, Context& context) {
  auto* const command =
      app.add_subcommand("result", "Tell how a task is; once it has ended, end with its exit status");
  const auto question = std::make_shared<Question>();
  command->add_option("ID", question->id, "Spawn id, uuid or correlation id")->required();
  command->add_flag("-w,--wait", question->wait, "Wait for its end");
  command->callback([&context, question] { tell(context, *question); });
}

}  // namespace vx11::client
