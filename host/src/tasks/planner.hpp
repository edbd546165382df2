// From a submission to a plan: picks the interpreter by task type, lets it plan, finds its program, adds the
// request's files. Pure but for looking whether the program is there.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/plan.hpp"
#include "tasks/submission.hpp"

namespace vx11::plugins {
class Registry;
}

namespace vx11::tasks {

class Planner {
 public:
  // `programs` maps a plugin's name to the program that the configuration gives it. The registry must outlive
  // this.
  Planner(const plugins::Registry& registry, std::map<std::string, std::string> programs);

  // Thread-safe. Throws Error{kInvalidField} for an unknown task type (with the list) or what a plugin
  // refuses, Error{kInterpreterMissing} where the program is not installed.
  Plan plan(const Submission& submission) const;

 private:
  const plugins::Registry& registry_;
  const std::map<std::string, std::string> programs_;
};

// argv as people read it: quoted for a shell, files of the task directory by their names. Never the code.
std::string commandLine(const Plan& plan);

}  // namespace vx11::tasks
