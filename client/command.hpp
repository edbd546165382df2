// What all commands share: the options before them, the door, and what the program exits with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "door.hpp"
#include "place.hpp"

#include <CLI/App.hpp>

namespace vx11::client {

struct Context {
  PlaceOptions place;
  bool json = false;  // what the host answered, as it is
  int exit_code = 0;
  std::vector<std::string>
      behind_dashes;  // what stands behind "--": a script's arguments, whatever they look like

  // Where the host is, found once. Throws what findPlace() throws.
  Door& door();

 private:
  std::unique_ptr<Door> door_;
};

// Each adds one command, whose callback does its work and sets the exit code or throws Failure. The context
// must outlive the application.
void addRun(CLI::App& app, Context& context);
void addSubmit(CLI::App& app, Context& context);
void addPs(CLI::App& app, Context& context);
void addResult(CLI::App& app, Context& context);
void addLogs(CLI::App& app, Context& context);
void addCancel(CLI::App& app, Context& context);
void addToken(CLI::App& app, Context& context);
void addTrace(CLI::App& app, Context& context);
void addWindow(CLI::App& app, Context& context);
void addStatus(CLI::App& app, Context& context);
void addBackup(CLI::App& app, Context& context);
void addDoctor(CLI::App& app, Context& context);

// One line on standard output, with a line end.
void print(const std::string& line);
// The same on standard error, after "vx11: ".
void note(const std::string& line);

// A task that was accepted: its body. Throws Failure where a closed window denies it.
JsonPtr submitTask(Door& door, const std::string& body);

}  // namespace vx11::client
