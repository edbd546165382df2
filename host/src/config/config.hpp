// The configuration as typed values, read once before anything else starts and never changed.
//
// Sources, each over the one before: the defaults in keys.cpp, the file of --config, conf.d/*.properties
// beside that file in order of name, --set. An unknown key or a bad value refuses to start and names file and
// line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace vx11::config {

struct Http {
  std::string host;
  uint16_t port = 0;
  size_t max_body_bytes = 0;
  size_t max_connections = 0;
  std::vector<std::string> allowed_hosts;
  bool refuse_unknown_fields = true;
};

struct Auth {
  std::filesystem::path token_file;  // never empty after load()
  bool required = true;
  bool open_metrics = true;  // GET /metrics needs no token
};

struct Tasks {
  std::filesystem::path directory;  // never empty after load()
  size_t max_running = 0;
  size_t max_queued = 0;
  std::chrono::seconds queue_ttl{0};
  std::map<std::string, size_t> max_running_of;  // by task type
  std::chrono::milliseconds kill_grace{0};
  std::chrono::milliseconds retry_delay{0};
  std::chrono::days kept{0};  // since the end; 0: for ever
  uint64_t inline_output_bytes = 0;
  uint64_t max_output_bytes = 0;     // 0: no limit
  uint64_t max_directory_bytes = 0;  // 0: no limit
  std::string uid_range;
  uint32_t max_processes = 0;  // 0: no limit
  bool cgroups = true;
  bool namespaces = true;
  bool pid_namespaces = true;
};

struct Policy {
  bool kill_on_close = false;
  std::vector<std::string> standing_windows;
  int denied_http_status = 200;
};

struct Spawner {
  std::filesystem::path socket;  // never empty after load()
  std::filesystem::path binary;  // never empty after load()
  uint32_t idle_exit_seconds = 0;
};

struct Config {
  Http http;
  std::filesystem::path state_directory;  // absolute
  Auth auth;
  std::vector<std::filesystem::path> plugin_path;
  std::map<std::string, std::string> interpreter_programs;  // by plugin name
  Tasks tasks;
  Policy policy;
  std::string process_user;
  Spawner spawner;
};

// What the command line said about the configuration.
struct Sources {
  std::filesystem::path file;            // empty: defaults only
  std::vector<std::string> assignments;  // "key=value"
};

// Throws Error{kConfiguration}: `FILE:LINE: sentence` or `--set key: sentence`.
Config load(const Sources& sources);

}  // namespace vx11::config
