// vx11, the terminal's way to a vx11d: each command is one or a few calls of its HTTP API.
#include <signal.h>
#include <string.h>

#include <algorithm>
#include <exception>
#include <iostream>

#include <Poco/Exception.h>

#include "command.hpp"
#include "failure.hpp"
#include "terminal.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace {

using namespace vx11::client;

constexpr const char* kFooter =
    "\nThe host is found by VX11_URL and VX11_TOKEN, else by what vx11d left in its state directory "
    "(VX11_STATE,\n"
    "/var/lib/vx11, ~/.local/state/vx11).\n\n"
    "Exit status of run and result: the task's own; 124 it reached its time limit; 125 it could not be run, "
    "or the\n"
    "host not be asked; 130 it was cancelled; 128+N signal N ended it. Of the others: 0 done, 1 refused, 2 "
    "wrong\n"
    "usage, 125 the host could not be asked.";

int usage(const CLI::App& app, const CLI::ParseError& error) {
  const bool asked_for = app.exit(error, std::cout, std::cerr) == 0;
  return asked_for ? kDone : kWrongUsage;
}

int fail(const Failure& failure) {
  std::cerr << inColourOnError(Colour::kBad, "vx11: ") << failure.what() << "\n";
  if (!failure.next().empty()) std::cerr << "  try: " << failure.next() << "\n";
  return failure.exitCode();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // Written to who has gone, as in `vx11 ps | head -1`: an error of one write.
    signal(SIGPIPE, SIG_IGN);
    Context context;
    // CLI11 2.1 hands what is behind "--" to the wrong command.
    char** const dashes =
        std::find_if(argv, argv + argc, [](const char* word) { return !strcmp(word, "--"); });
    if (dashes != argv + argc) context.behind_dashes.assign(dashes + 1, argv + argc);
    argc = static_cast<int>(dashes - argv);
    CLI::App app("Run code on a vx11d, and see what became of it.", "vx11");
    app.footer(kFooter);
    app.set_version_flag("--version", "vx11 " VX11_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--url", context.place.url, "Where the host is: http://HOST:PORT");
    app.add_option("--token-file", context.place.token_file, "A file whose first line is the token");
    app.add_option("--state", context.place.state, "The state directory of a vx11d on this machine");
    app.add_flag("--json", context.json, "Print what the host answers, as it is");
    addRun(app, context);
    addSubmit(app, context);
    addPs(app, context);
    addResult(app, context);
    addLogs(app, context);
    addCancel(app, context);
    addToken(app, context);
    addTrace(app, context);
    addWindow(app, context);
    addStatus(app, context);
    addBackup(app, context);
    addDoctor(app, context);
    try {
      app.parse(argc, argv);
      return context.exit_code;
    } catch (const CLI::ParseError& error) {
      return usage(app, error);
    }
  } catch (const Failure& failure) {
    return fail(failure);
  } catch (const Poco::Exception& e) {
    return fail(Failure(kFailed, "the host's answer is not understood: " + e.displayText()));
  } catch (const std::exception& e) {
    return fail(Failure(kFailed, e.what()));
  }
}
