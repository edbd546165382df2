// vx11 trace: where the time went, as a waterfall.
#include <algorithm>

#include <Poco/JSON/Array.h>

#include "command.hpp"
#include "outcome.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

constexpr double kMicro = 1e-6;
constexpr double kBarWidth = 40;  // characters

struct TraceWish {
  std::string id;
  bool perfetto = false;
};

double micros(const Json& object, const std::string& name, double otherwise) {
  const auto value = object.get(name);
  return value.isEmpty() ? otherwise : value.convert<double>();
}

// How long all of it took, or takes until now.
double lengthOf(const Json& trace) {
  double length = 1;
  const auto reach = [&length](const Json& item, double duration) {
    length = std::max(length, micros(item, "since_us", 0) + duration);
  };
  const auto events = trace.getArray("events");
  for (unsigned i = 0; i < events->size(); ++i) reach(*events->getObject(i), 0);
  const auto spans = trace.getArray("spans");
  for (unsigned i = 0; i < spans->size(); ++i)
    reach(*spans->getObject(i), micros(*spans->getObject(i), "duration_us", 0));
  return length;
}

std::string bar(double begin, double end, double length) {
  const auto place = [length](double at) { return static_cast<size_t>(at / length * kBarWidth); };
  const auto first = std::min(place(begin), static_cast<size_t>(kBarWidth) - 1);
  const auto last = std::max(place(end), first + 1);
  return std::string(first, ' ') + std::string(last - first, '#');
}

std::vector<Cell> rowOf(const Json& span, double length) {
  const auto begin = micros(span, "since_us", 0);
  const auto took = micros(span, "duration_us", length - begin);
  const auto name = text(span, "name") + (text(span, "attempt").empty() ? "" : " " + text(span, "attempt"));
  const auto drawn = bar(begin, begin + took, length);
  const auto outcome = text(span, "outcome");
  const auto colour = text(span, "duration_us").empty() ? Colour::kBusy
                      : outcome.empty()                 ? Colour::kFaint
                      : outcome == "succeeded"          ? Colour::kGood
                                                        : Colour::kBad;
  return {{text(span, "spawn_id"), {}},         {name, {}},
          {"+" + duration(begin * kMicro), {}}, {duration(took * kMicro), {}},
          {drawn, inColour(colour, drawn)},     {outcome, {}}};
}

void draw(const Json& trace) {
  const auto length = lengthOf(trace);
  print(inColour(Colour::kFaint, "trace ") + text(trace, "correlation_id") + ", " +
        duration(length * kMicro));
  const auto spans = trace.getArray("spans");
  std::vector<std::vector<Cell>> rows;
  for (unsigned i = 0; i < spans->size(); ++i) rows.push_back(rowOf(*spans->getObject(i), length));
  auto shown = table({{"ID"}, {"WHAT"}, {"FROM", true}, {"TOOK", true}, {""}, {""}}, rows);
  shown.pop_back();
  print(shown);
  const auto tasks = trace.getArray("spawns");
  for (unsigned i = 0; i < tasks->size(); ++i) {
    const auto task = tasks->getObject(i);
    const auto why =
        text(*task, "queue_reason").empty() ? text(*task, "reason") : text(*task, "queue_reason");
    print(text(*task, "spawn_id") + " " + shownWord(wordOf(*task)) +
          (why.empty() ? "" : ": " + printable(why)));
  }
}

}  // namespace

void addTrace(CLI::App& app, Context& context) {
  auto* const command =
      app.add_subcommand("trace", "Show where the time of a task, or of all of a correlation id, went");
  const auto wish = std::make_shared<TraceWish>();
  command->add_option("ID", wish->id, "Spawn id, uuid or correlation id")->required();
  command->add_flag("--perfetto", wish->perfetto, "Print a file for ui.perfetto.dev instead");
  command->callback([&context, wish] {
    const auto answer =
        context.door().get("/vx11/trace/" + encoded(wish->id) + (wish->perfetto ? "?format=perfetto" : ""));
    if (wish->perfetto || context.json) return print(answer.body);
    draw(*answer.json);
  });
}

}  // namespace vx11::client
