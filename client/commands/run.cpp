// vx11 run: as if the script ran here.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "command.hpp"
#include "event_source.hpp"
#include "failure.hpp"
#include "outcome.hpp"
#include "task_request.hpp"
#include "terminal.hpp"

namespace vx11::client {

namespace {

void cancel(Door& door, const std::string& spawn_id, const std::string& reason) {
  try {
    door.ask("POST", "/vx11/spawns/" + encoded(spawn_id) + "/cancel?wait=0",
             R"({"reason":")" + reason + "\"}");
  } catch (const Failure& failure) {
    note(failure.what());
  }
}

// The first Ctrl-C cancels the task, whose end then ends us too; the second one ends us alone.
class Interrupts {
 public:
  Interrupts(const Place& place, std::string spawn_id) : door_(place), spawn_id_(std::move(spawn_id)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Interrupts() {
    over_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // In the first thread, before all others: they inherit it.
  static void block() {
    const auto set = signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }

 private:
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
  }

  void run() {
    const auto set = signals();
    for (int count = 0;; ++count) {
      int signal = 0;
      sigwait(&set, &signal);
      if (over_) return;
      if (count > 0) _exit(kCancelled);
      note("cancelling " + spawn_id_ + "; once more leaves it alone");
      cancel(door_, spawn_id_, "Ctrl-C");
    }
  }

  Door door_;
  const std::string spawn_id_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// As in `vx11 run FILE | head -1`.
struct ReaderGone {};

void write(std::ostream& stream, std::string_view bytes) {
  stream << bytes << std::flush;
  if (!stream) throw ReaderGone();
}

struct Run {
  TaskRequest request;
  bool quiet = false;
};

void runTask(Context& context, const Run& run) {
  Interrupts::block();
  const auto body = run.request.body(context.behind_dashes);
  auto& door = context.door();
  const auto accepted = submitTask(door, body);
  const auto spawn_id = text(*accepted, "spawn_id");
  const auto tell = [&](const std::string& line) {
    if (!run.quiet) note(line);
  };
  if (const auto why = text(*accepted, "queue_reason"); !why.empty()) tell(spawn_id + " waits: " + why);
  const Interrupts interrupts(door.place(), spawn_id);

  Handlers handlers;
  const bool shown = !context.json;
  handlers.out = [shown](std::string_view bytes) { shown ? write(std::cout, bytes) : void(); };
  handlers.err = [shown](std::string_view bytes) { shown ? write(std::cerr, bytes) : void(); };
  handlers.attempt = [&](int attempt) {
    tell(spawn_id + " is tried again: attempt " + std::to_string(attempt));
  };
  handlers.broken = [&](const std::string& why) {
    tell("the connection is lost (" + why + "); trying again. It goes on: vx11 logs -f " + spawn_id);
  };
  std::string answer;
  try {
    answer = followOutput(door, spawn_id, handlers);
  } catch (const ReaderGone&) {
    // A script that ran here would end of it.
    cancel(door, spawn_id, "nobody reads its output any more");
    context.exit_code = kSignalBase + SIGPIPE;
    return;
  }
  const auto result = parseJson(answer);
  if (context.json) print(answer);
  context.exit_code = exitCodeOf(*result);
  const auto trouble = troubleOf(*result);
  // A status of its own says enough.
  if (!trouble.empty() && trouble.rfind("failed with", 0) != 0) tell(spawn_id + " " + trouble);
}

}  // namespace

void addRun(CLI::App& app, Context& context) {
  auto* const command = app.add_subcommand(
      "run", "Run a script, show its output as it comes, end with its exit status; Ctrl-C cancels it");
  const auto run = std::make_shared<Run>();
  run->request.addTo(*command);
  command->add_flag("-q,--quiet", run->quiet, "Nothing but the task's own output");
  command->callback([&context, run] { runTask(context, *run); });
}

}  // namespace vx11::client
