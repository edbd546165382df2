// vx11 window: what may be done, and for how long.
#include <Poco/JSON/Object.h>

#include "command.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

constexpr int kUsualSeconds = 300;

struct WindowRequest {
  std::string target = "spawner";
  std::string reason;
  int ttl_seconds = kUsualSeconds;
};

std::string bodyOf(const WindowRequest& wish, bool opening) {
  Json json;
  json.set("target", wish.target);
  if (opening) json.set("ttl_seconds", wish.ttl_seconds);
  if (!wish.reason.empty()) json.set("reason", wish.reason);
  std::ostringstream printed;
  json.stringify(printed);
  return printed.str();
}

void tell(Context& context, const Answer& answer) {
  if (context.json) return print(answer.body);
  const auto& window = *answer.json;
  const auto target = text(window, "target");
  if (text(window, "is_open") != "true") return print(target + " " + inColour(Colour::kBad, "closed"));
  const auto left = text(window, "ttl_remaining_seconds");
  const auto expires = text(window, "expires_at");
  print(target + " " + inColour(Colour::kGood, "open") +
        (left.empty()
             ? ""
             : " for " + duration(std::stod(left)) + (expires.empty() ? "" : ", until " + expires + " UTC")));
}

}  // namespace

void addWindow(CLI::App& app, Context& context) {
  auto* const command = app.add_subcommand("window", "Open, close or look at a policy window");
  command->require_subcommand(1);
  const auto wish = std::make_shared<WindowRequest>();
  const auto add = [&](const char* name, const char* what) {
    auto* const action = command->add_subcommand(name, what);
    action->add_option("TARGET", wish->target, "spawner, switch or hermes")->capture_default_str();
    return action;
  };
  auto* const open = add("open", "Allow it for a while");
  open->add_option("--ttl", wish->ttl_seconds, "Seconds, 1 to 3600")->capture_default_str();
  open->add_option("--reason", wish->reason, "For the audit log");
  open->callback(
      [&context, wish] { tell(context, context.door().post("/vx11/window/open", bodyOf(*wish, true))); });
  auto* const close = add("close", "Allow it no more");
  close->add_option("--reason", wish->reason, "For the audit log");
  close->callback(
      [&context, wish] { tell(context, context.door().post("/vx11/window/close", bodyOf(*wish, false))); });
  add("status", "Whether it is open")->callback([&context, wish] {
    tell(context, context.door().get("/vx11/window/status/" + encoded(wish->target)));
  });
}

}  // namespace vx11::client
