// vx11 logs: what a task has written.
#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "command.hpp"
#include "event_source.hpp"
#include "failure.hpp"
#include "outcome.hpp"

namespace vx11::client {

namespace {

struct Wanted {
  std::string id;
  bool follow = false;
  bool only_out = false;
  bool only_err = false;
};

void writeOut(std::ostream& stream, std::string_view bytes) {
  stream << bytes << std::flush;
  if (!stream) _exit(kSignalBase + SIGPIPE);  // the task goes on: it was not ours
}

void follow(Context& context, const Wanted& wanted, const std::string& spawn_id) {
  Handlers handlers;
  handlers.out = [&](std::string_view bytes) { wanted.only_err ? void() : writeOut(std::cout, bytes); };
  handlers.err = [&](std::string_view bytes) { wanted.only_out ? void() : writeOut(std::cerr, bytes); };
  handlers.attempt = [&](int attempt) { note("attempt " + std::to_string(attempt)); };
  handlers.broken = [](const std::string& why) {
    note("the connection is lost (" + why + "); trying again");
  };
  const auto result = parseJson(followOutput(context.door(), spawn_id, handlers));
  if (const auto trouble = troubleOf(*result); !trouble.empty()) note(spawn_id + " " + trouble);
}

void show(Context& context, const Wanted& wanted) {
  auto& door = context.door();
  const auto answer = door.get("/vx11/result/" + encoded(wanted.id));
  const auto& result = *answer.json;
  if (context.json) return print(answer.body);
  const auto spawn_id = text(result, "spawn_id");
  if (wanted.follow) return follow(context, wanted, spawn_id);
  if (text(result, "finished_at").empty())
    throw Failure(kRefused, spawn_id + " has not ended yet", "vx11 logs -f " + spawn_id);
  if (!wanted.only_err) door.download("/vx11/spawns/" + spawn_id + "/stdout", std::cout);
  std::cout.flush();
  if (!wanted.only_out) door.download("/vx11/spawns/" + spawn_id + "/stderr", std::cerr);
}

}  // namespace

void addLogs(CLI::App& app, Context& context) {
  auto* const command =
      app.add_subcommand("logs", "Print what a task has written: its stdout to ours, its stderr to ours");
  const auto wanted = std::make_shared<Wanted>();
  command->add_option("ID", wanted->id, "Spawn id, uuid or correlation id")->required();
  command->add_flag("-f,--follow", wanted->follow, "While it runs, as it comes, to its end");
  auto* const out = command->add_flag("--stdout", wanted->only_out, "Its stdout only");
  command->add_flag("--stderr", wanted->only_err, "Its stderr only")->excludes(out);
  command->callback([&context, wanted] { show(context, *wanted); });
}

}  // namespace vx11::client
