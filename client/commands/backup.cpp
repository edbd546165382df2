// vx11 backup: a copy of all that the host remembers.
#include "command.hpp"

namespace vx11::client {

void addBackup(CLI::App& app, Context& context) {
  auto* const command = app.add_subcommand(
      "backup", "Copy what the host remembers, while it works, into its state directory; print where it is");
  command->footer(
      "To restore: stop vx11d, move its state directory away, copy the backup to its place, start it.");
  command->callback([&context] {
    const auto answer = context.door().post("/vx11/backups", "");
    if (context.json) return print(answer.body);
    print(text(*answer.json, "path"));
    note(text(*answer.json, "spawns") + " tasks and " + text(*answer.json, "outputs") +
         " outputs; the token is not among them");
  });
}

}  // namespace vx11::client
