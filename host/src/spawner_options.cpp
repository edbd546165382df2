#include "spawner_options.hpp"

namespace vx11 {

spawner::LaunchOptions spawnerOptions(const config::Config& config, const StateLayout& state) {
  spawner::LaunchOptions options;
  options.binary = config.spawner.binary;
  options.socket = config.spawner.socket;
  options.spool_directory = state.spool();
  options.tasks_directory = config.tasks.directory;
  options.log_file = state.spawnerLog();
  options.uid_range = config.tasks.uid_range;
  options.max_processes = config.tasks.max_processes;
  options.max_output_bytes = config.tasks.max_output_bytes;
  options.max_directory_bytes = config.tasks.max_directory_bytes;
  options.cgroups = config.tasks.cgroups;
  options.namespaces = config.tasks.namespaces;
  options.pid_namespaces = config.tasks.pid_namespaces;
  options.hidden = {state.path(), config.auth.token_file, config.spawner.socket};
  options.idle_exit_seconds = config.spawner.idle_exit_seconds;
  options.kill_grace = config.tasks.kill_grace;
  return options;
}

}  // namespace vx11
