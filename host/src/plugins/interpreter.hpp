// An interpreter plugin as the host sees it: a pure function from a request to a plan.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/plan.hpp"

namespace vx11::plugins {

struct InterpretRequest {
  std::string_view task_type;
  std::string_view code;  // any bytes
  std::vector<std::string> args;
  std::string_view stdin_bytes;
  std::string_view cwd;                    // absolute or empty
  std::map<std::string, std::string> env;  // the request's own; applied over the plugin's
  std::string_view options_json;           // the request's metadata, for plugins that care; may be empty
};

class Interpreter {
 public:
  virtual ~Interpreter() = default;

  // NAME of the configuration key interpreter.NAME.program.
  virtual const std::string& name() const = 0;
  // What it starts unless a plan says otherwise: a bare name or an absolute path; may be empty.
  virtual const std::string& program() const = 0;
  // What to type where the program is not installed ("apt install python3"); may be empty.
  virtual const std::string& installHint() const = 0;

  // Thread-safe. The plan's program is as the plugin said it: a bare name or an absolute path; the caller
  // resolves it. The plan's env is the plugin's with the request's own over it, its cwd and stdin are the
  // request's unless the plugin says otherwise. Throws Error{kInvalidField} where the plugin refuses the
  // request, Error{kInternal} with the plugin's name where it misbehaves, Error{kUnavailable} after
  // Registry::stop().
  virtual Plan plan(const InterpretRequest& request) const = 0;
};

}  // namespace vx11::plugins
