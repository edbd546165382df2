// vx11 submit: hand a script over and go on.
#include "command.hpp"
#include "task_request.hpp"

namespace vx11::client {

void addSubmit(CLI::App& app, Context& context) {
  auto* const command = app.add_subcommand("submit", "Hand a script over, print its id and do not wait");
  const auto request = std::make_shared<TaskRequest>();
  request->addTo(*command);
  command->callback([&context, request] {
    const auto accepted = submitTask(context.door(), request->body(context.behind_dashes));
    if (!context.json) return print(text(*accepted, "spawn_id"));
    std::ostringstream json;
    accepted->stringify(json);
    print(json.str());
  });
}

}  // namespace vx11::client
