// What exactly is executed for one attempt: argv, environment, directory. A plain value that prints as JSON.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "spawner/protocol.hpp"

namespace vx11::spawner {

struct LaunchPlan {
  std::string program;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<std::pair<std::string, std::string>> secret_env;  // beside env
  std::string task_directory;
  std::string directory;  // where the program starts
  uid_t uid = 0;          // 0: the spawner's own user
  bool has_stdin = false;
  std::vector<std::string> files;
  PlanLimits limits;
};

// Checks the start and completes it with what only the spawner knows. The environment is, in this order of
// strength:
//   VX11_TASK_ID (spawn_uuid), VX11_CORRELATION_ID, PWD, TRACEPARENT (if given): the spawner's alone
//   the plan's own variables; its VX11_* and PWD are left out
//   HOME, TMPDIR: the task directory; PATH=/usr/local/bin:/usr/bin:/bin; LANG=C.UTF-8
// Nothing is inherited. Throws CannotLaunch with a sentence for what cannot be executed as it stands.
LaunchPlan makeLaunchPlan(const Start& start, const std::string& task_directory, uid_t uid);

// One line, of secrets the names only. Bytes that are not ASCII text are escaped as \u00NN, so that any plan
// prints.
std::string toJson(const LaunchPlan& plan);

}  // namespace vx11::spawner
