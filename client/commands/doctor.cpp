// vx11 doctor: what is wrong with this installation, and what to type.
#include <Poco/JSON/Array.h>

#include "command.hpp"
#include "failure.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

class Findings {
 public:
  explicit Findings(bool json) : json_(json) {}

  void good(const std::string& what) { add(Colour::kGood, "ok", what, {}); }
  void warn(const std::string& what, const std::string& next) { add(Colour::kBusy, "warning", what, next); }
  void bad(const std::string& what, const std::string& next) {
    healthy_ = false;
    add(Colour::kBad, "wrong", what, next);
  }
  bool healthy() const { return healthy_; }

  void printJson() const {
    Json body(Poco::JSON_PRESERVE_KEY_ORDER);
    body.set("healthy", healthy_);
    body.set("findings", list_);
    std::ostringstream printed;
    body.stringify(printed);
    print(printed.str());
  }

 private:
  void add(Colour colour, const std::string& kind, const std::string& what, const std::string& next) {
    JsonPtr finding = new Json(Poco::JSON_PRESERVE_KEY_ORDER);
    finding->set("kind", kind);
    finding->set("what", what);
    finding->set("next", next);
    list_->add(finding);
    if (json_) return;
    print(inColour(colour, kind + std::string(9 - kind.size(), ' ')) + printable(what));
    if (!next.empty()) print("         type: " + next);
  }

  const bool json_;
  bool healthy_ = true;
  Poco::JSON::Array::Ptr list_ = new Poco::JSON::Array;
};

void checkPlugins(Door& door, Findings& findings) {
  const auto answer = door.get("/vx11/plugins");
  const auto plugins = answer.json->getArray("plugins");
  size_t loaded = 0;
  for (unsigned i = 0; plugins && i < plugins->size(); ++i) {
    const auto plugin = plugins->getObject(i);
    if (text(*plugin, "state") == "loaded") {
      ++loaded;
      continue;
    }
    findings.bad("the plugin " + text(*plugin, "file") + " is " + text(*plugin, "state") + ": " +
                     text(*plugin, "reason"),
                 {});
  }
  if (loaded == 0)
    findings.bad("no plugin is loaded: nothing can be run", "look at plugins.path in the configuration");
  else
    findings.good(std::to_string(loaded) + " plugins are loaded");
}

void checkStatus(Door& door, Findings& findings) {
  const auto answer = door.get("/vx11/status");
  const auto& status = *answer.json;
  if (text(status, "spawner_available") == "true")
    findings.good("the spawner is up, pid " + text(status, "spawner_pid"));
  else
    findings.bad("the spawner is not there: " + text(status, "spawner_reason"), {});
  if (text(status, "isolation") == "same-user")
    findings.warn("tasks run as the spawner's own user, who may read the token and the database",
                  "start vx11d as root with process.user set");
  if (text(status, "tree_kill_strength") == "best-effort")
    findings.warn(
        "what a task leaves behind is found by a search only: here are neither user ids, cgroups nor "
        "PID namespaces for tasks",
        {});
  const auto windows = answer.json->getArray("open_windows");
  bool open = false;
  for (unsigned i = 0; windows && i < windows->size(); ++i)
    open = open || windows->getElement<std::string>(i) == "spawner";
  if (open)
    findings.good("the spawner's window is open");
  else
    findings.warn("the spawner's window is closed: nothing may be started now", "vx11 window open spawner");
}

void examine(Context& context, Findings& findings) {
  auto& door = context.door();
  const auto& place = door.place();
  try {
    const auto health = door.get("/health");
    findings.good("vx11d " + text(*health.json, "version") + " answers at " + place.url);
  } catch (const Failure& failure) {
    findings.bad(failure.what(), place.state.empty()
                                     ? "vx11d, or VX11_URL=http://HOST:PORT vx11 doctor where it is elsewhere"
                                     : "vx11d --set state.directory=" + place.state.string());
    return;
  }
  const auto status = door.ask("GET", "/vx11/status");
  if (place.token.empty() && status.status != 200)
    return findings.bad("there is no token: " + place.token_origin, "VX11_TOKEN=... vx11 doctor");
  if (status.status != 200)
    return findings.bad("the host refuses the token of " + place.token_origin,
                        "VX11_TOKEN=\"$(head -n 1 STATE/token)\" vx11 doctor");
  findings.good("the token of " + (place.token.empty() ? "nobody" : place.token_origin) + " opens the door");
  checkStatus(door, findings);
  checkPlugins(door, findings);
}

}  // namespace

void addDoctor(CLI::App& app, Context& context) {
  app.add_subcommand("doctor", "Say what is wrong with this installation, and what to type")
      ->callback([&context] {
        Findings findings(context.json);
        examine(context, findings);
        if (context.json) findings.printJson();
        context.exit_code = findings.healthy() ? kDone : kRefused;
      });
}

}  // namespace vx11::client
