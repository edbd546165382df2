// The options that describe a task, and the body of POST /vx11/spawn that they make.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace vx11::client {

struct TaskRequest {
  std::string file;  // "-": standard input
  std::string code;  // instead of a file
  std::vector<std::string> arguments;
  std::string type;  // empty: by the file
  std::string label;
  std::string correlation_id;
  std::string cwd;
  std::string priority;
  std::string stdin_file;        // "-": standard input
  std::vector<std::string> env;  // NAME=VALUE, or NAME for ours
  std::vector<std::string> secret_env;
  std::vector<std::string> inputs;  // files as NAME=PATH, or PATH for its last part
  std::vector<std::string> retry_on;
  std::vector<std::string> limits;  // NAME=NUMBER
  std::string on_output_limit;
  std::optional<int> ttl_seconds;
  std::optional<int> retries;

  void addTo(CLI::App& command);
  // JSON text, with these arguments behind those that were parsed. Throws Failure for what cannot be read or
  // makes no sense.
  std::string body(const std::vector<std::string>& more_arguments) const;
};

}  // namespace vx11::client
