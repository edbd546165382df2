// vx11 cancel: end tasks.
#include <Poco/JSON/Object.h>

#include "command.hpp"
#include "failure.hpp"
#include "outcome.hpp"

namespace vx11::client {

namespace {

struct Cancellation {
  std::vector<std::string> ids;
  std::string reason;
};

void cancel(Context& context, const Cancellation& wish) {
  std::string body;
  if (!wish.reason.empty()) {
    Json json;
    json.set("reason", wish.reason);
    std::ostringstream printed;
    json.stringify(printed);
    body = printed.str();
  }
  for (const auto& id : wish.ids) {
    try {
      const auto answer = context.door().post("/vx11/spawns/" + encoded(id) + "/cancel", body);
      print(context.json ? answer.body : text(*answer.json, "spawn_id") + " " + wordOf(*answer.json));
    } catch (const Failure& failure) {
      // The others are tried all the same.
      note(id + ": " + failure.what());
      context.exit_code = failure.exitCode();
    }
  }
}

}  // namespace

void addCancel(CLI::App& app, Context& context) {
  auto* const command = app.add_subcommand("cancel", "End tasks, whether they wait or run");
  const auto wish = std::make_shared<Cancellation>();
  command->add_option("ID", wish->ids, "Spawn ids, uuids or correlation ids")->required();
  command->add_option("--reason", wish->reason, "What their results will say");
  command->callback([&context, wish] { cancel(context, *wish); });
}

}  // namespace vx11::client
