// vx11 status: the host in a few lines.
#include <Poco/JSON/Array.h>

#include "command.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

std::string joined(const Json& object, const std::string& name) {
  std::string all;
  if (const auto list = object.getArray(name))
    for (const auto& item : *list) all += (all.empty() ? "" : ", ") + item.convert<std::string>();
  return all.empty() ? "none" : all;
}

void show(Context& context) {
  auto& door = context.door();
  const auto answer = door.get("/vx11/status");
  if (context.json) return print(answer.body);
  const auto& status = *answer.json;
  const auto line = [](const char* name, const std::string& value) {
    print(inColour(Colour::kFaint, name) + value);
  };
  line("host     ", door.place().url + ", version " + text(status, "version"));
  line("spawner  ", text(status, "spawner_available") == "true"
                        ? inColour(Colour::kGood, "up") + ", isolation " + text(status, "isolation") +
                              ", trees ended by " + text(status, "tree_kill")
                        : inColour(Colour::kBad, "not there") + ": " + text(status, "spawner_reason"));
  line("tasks    ", text(status, "tasks_running") + " run, " + text(status, "tasks_queued") + " wait");
  line("windows  ", "open: " + joined(status, "open_windows") + " (" + text(status, "mode") + ")");
}

}  // namespace

void addStatus(CLI::App& app, Context& context) {
  app.add_subcommand("status", "How the host is")->callback([&context] { show(context); });
}

}  // namespace vx11::client
