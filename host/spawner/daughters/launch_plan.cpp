#include "spawner/daughters/launch_plan.hpp"

#include <stdio.h>

#include <array>
#include <unordered_set>

#include "spawner/failure.hpp"

namespace vx11::spawner {

namespace {

void requireNoNul(const std::string& text, const std::string& what) {
  if (text.find('\0') != std::string::npos) throw CannotLaunch(what + " holds a NUL byte", false);
}

void requireVariable(const std::string& name, const std::string& value) {
  requireNoNul(name + value, "an environment variable");
  if (name.empty() || name.find('=') != std::string::npos)
    throw CannotLaunch("'" + name + "' cannot be the name of an environment variable", false);
}

bool isOurs(const std::string& name) {
  return name.rfind("VX11_", 0) == 0;
}

class Environment {
 public:
  void setUnlessThere(const std::string& name, const std::string& value) {
    if (names_.insert(name).second) entries_.emplace_back(name, value);
  }
  // For one that is set elsewhere; false where it is there already, or the host's alone to set.
  bool reserve(const std::string& name) { return !isOurs(name) && names_.insert(name).second; }
  std::vector<std::pair<std::string, std::string>> take() && { return std::move(entries_); }

 private:
  std::unordered_set<std::string> names_;
  std::vector<std::pair<std::string, std::string>> entries_;
};

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      std::array<char, 7> escape{};
      snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      json += escape.data();
    } else {
      json += c;
    }
  }
  return json + '"';
}

std::string list(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const auto& text : texts) json += (json.size() > 1 ? "," : "") + quoted(text);
  return json + "]";
}

}  // namespace

LaunchPlan makeLaunchPlan(const Start& start, const std::string& task_directory, uid_t uid) {
  LaunchPlan plan;
  plan.program = start.program;
  plan.task_directory = task_directory;
  plan.uid = uid;
  plan.has_stdin = start.stdin_content.has_value();
  requireNoNul(start.program, "the program's path");
  if (start.program.front() != '/') {
    throw CannotLaunch("the program's path must be absolute, not '" + start.program + "'", false);
  }
  requireNoNul(start.cwd, "the working directory");
  if (!start.cwd.empty() && start.cwd.front() != '/') {
    throw CannotLaunch("the working directory must be absolute, not '" + start.cwd + "'", false);
  }
  plan.directory = start.cwd.empty() ? task_directory : start.cwd;

  plan.argv.push_back(start.program);
  for (const auto& arg : start.args) {
    requireNoNul(arg.text, "an argument");
    plan.argv.push_back(arg.in_task_directory ? task_directory + "/" + arg.text : arg.text);
  }
  for (const auto& file : start.files) plan.files.push_back(file.name);
  plan.limits = start.limits;

  Environment env;
  env.setUnlessThere("VX11_TASK_ID", start.spawn_uuid);
  env.setUnlessThere("VX11_CORRELATION_ID", start.correlation_id);
  env.setUnlessThere("PWD", plan.directory);
  if (!start.traceparent.empty()) env.setUnlessThere("TRACEPARENT", start.traceparent);
  requireNoNul(start.spawn_uuid + start.correlation_id + start.traceparent, "an identifier");
  for (const auto& [name, value] : start.secret_env) {
    requireVariable(name, value);
    if (env.reserve(name)) plan.secret_env.emplace_back(name, value);
  }
  for (const auto& [name, value] : start.env) {
    requireVariable(name, value);
    if (!isOurs(name)) env.setUnlessThere(name, value);
  }
  env.setUnlessThere("HOME", task_directory);
  env.setUnlessThere("TMPDIR", task_directory);
  env.setUnlessThere("PATH", "/usr/local/bin:/usr/bin:/bin");
  env.setUnlessThere("LANG", "C.UTF-8");
  plan.env = std::move(env).take();
  return plan;
}

std::string toJson(const LaunchPlan& plan) {
  std::string json = "{\"program\":" + quoted(plan.program) + ",\"argv\":" + list(plan.argv) + ",\"env\":{";
  bool first = true;
  for (const auto& [name, value] : plan.env) {
    json += (first ? "" : ",") + quoted(name) + ":" + quoted(value);
    first = false;
  }
  json += "},\"secret_env\":[";
  first = true;
  for (const auto& [name, value] : plan.secret_env) {
    json += (first ? "" : ",") + quoted(name);
    first = false;
  }
  json += "],\"task_directory\":" + quoted(plan.task_directory) + ",\"directory\":" + quoted(plan.directory) +
          ",\"uid\":" + std::to_string(plan.uid) + ",\"stdin\":" + (plan.has_stdin ? "true" : "false") +
          ",\"files\":" + list(plan.files) + "}";
  return json;
}

}  // namespace vx11::spawner
