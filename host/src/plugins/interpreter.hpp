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
  std::string_view cwd;                     // absolute or empty
  std::map<std::string, std::string> env;   // the request's own; applied over the plugin's
  std::string_view options_json;            // the request's metadata, for plugins that care; may be empty
};

class Interpreter {
 public:
  virtual ~Interpreter() = default;

  // Thread-safe. The plan's program is as the plugin said it: a bare name or an absolute path; the caller resolves
  // it. Throws Error{kInvalidField} where the plugin refuses the request, Error{kInternal} where it misbehaves.
  virtual Plan plan(const InterpretRequest& request) const = 0;
};

}  // namespace vx11::plugins
