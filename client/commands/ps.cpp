// vx11 ps: what runs, waits and has ended.
#include <time.h>

#include <Poco/JSON/Array.h>

#include "command.hpp"
#include "failure.hpp"
#include "outcome.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

constexpr int kUsualRows = 20;

struct Filter {
  std::string status;
  std::string type;
  std::string since;
  int limit = kUsualRows;
};

// Of the wire: "2026-01-02T00:55:49.253550", UTC. Seconds since then; negative where it is none.
double secondsSince(const std::string& time) {
  tm parts{};
  const char* const rest = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return -1;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  constexpr double kNanoseconds = 1e9;
  const double fraction = *rest == '.' ? strtod(rest, nullptr) : 0;
  return static_cast<double>(now.tv_sec - timegm(&parts)) + static_cast<double>(now.tv_nsec) / kNanoseconds -
         fraction;
}

std::string tookOf(const Json& spawn) {
  if (const auto duration_ms = spawn.get("duration_ms"); !duration_ms.isEmpty())
    return duration(duration_ms.convert<double>() / 1000);
  const auto started = text(spawn, "started_at");
  return started.empty() || text(spawn, "status") != "RUNNING" ? "" : duration(secondsSince(started));
}

// What tells it from others, and why it waits.
std::string aboutOf(const Json& spawn) {
  const auto waits = text(spawn, "queue_reason");
  const auto label = printable(text(spawn, "label"));
  return waits.empty() ? label : label + (label.empty() ? "" : ": ") + printable(waits);
}

std::vector<Cell> rowOf(const Json& spawn) {
  const auto word = wordOf(spawn);
  return {{text(spawn, "spawn_id"), {}},
          {word, shownWord(word)},
          {text(spawn, "task_type"), {}},
          {duration(secondsSince(text(spawn, "created_at"))) + " ago", {}},
          {tookOf(spawn), {}},
          {aboutOf(spawn), {}}};
}

void list(Context& context, const Filter& filter) {
  std::string target = "/vx11/spawns?limit=" + std::to_string(filter.limit);
  const auto add = [&target](const std::string& name, const std::string& value) {
    if (!value.empty()) target += "&" + name + "=" + encoded(value);
  };
  add("status", filter.status);
  add("task_type", filter.type);
  add("since", filter.since);
  const auto answer = context.door().get(target);
  if (context.json) return print(answer.body);
  const auto spawns = answer.json->getArray("spawns");
  std::vector<std::vector<Cell>> rows;
  for (unsigned i = 0; i < spawns->size(); ++i) rows.push_back(rowOf(*spawns->getObject(i)));
  if (rows.empty()) return note("there are none");
  auto shown = table({{"ID"}, {"STATUS"}, {"TYPE"}, {"CREATED", true}, {"TOOK", true}, {"LABEL"}}, rows);
  shown.pop_back();
  print(shown);
  if (!text(*answer.json, "next_cursor").empty())
    note("there are more: --limit " + std::to_string(2 * filter.limit) + ", or --status, --type, --since");
}

}  // namespace

void addPs(CLI::App& app, Context& context) {
  auto* const command = app.add_subcommand("ps", "List tasks, the newest first");
  const auto filter = std::make_shared<Filter>();
  command->add_option("--status", filter->status, "QUEUED, RUNNING, DONE or ERROR");
  command->add_option("-t,--type", filter->type, "Of one task type");
  command->add_option("--since", filter->since, "Created since then, UTC: 2026-01-31 or 2026-01-31T08:00:00");
  command->add_option("-n,--limit", filter->limit, "At most so many")->capture_default_str();
  command->callback([&context, filter] { list(context, *filter); });
}

}  // namespace vx11::client
