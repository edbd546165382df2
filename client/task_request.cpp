#include "task_request.hpp"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "base/text.hpp"
#include "failure.hpp"
#include "interpreter.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace vx11::client {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr const char* kStandardInput = "-";

std::string contentOf(const std::string& file) {
  if (file == kStandardInput) return {std::istreambuf_iterator<char>(std::cin), {}};
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    throw Failure(kWrongUsage, file + " cannot be read: it is a directory");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (!stream || stream.bad()) throw Failure(kWrongUsage, file + " cannot be read: " + strerror(errno));
  return content;
}

// Text where it can travel as such, so that logs and proxies show it.
void setBytes(Object& object, const std::string& name, const std::string& bytes) {
  if (text::isUtf8(bytes) && bytes.find('\0') == std::string::npos)
    object.set(name, bytes);
  else
    object.set(name + "_base64", text::toBase64(bytes));
}

void setUnlessEmpty(Object& object, const std::string& name, const std::string& value) {
  if (!value.empty()) object.set(name, value);
}

Array::Ptr listOf(const std::vector<std::string>& items) {
  Array::Ptr list = new Array;
  for (const auto& item : items) list->add(item);
  return list;
}

Object::Ptr environmentOf(const std::vector<std::string>& settings) {
  Object::Ptr env = new Object;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    const auto name = setting.substr(0, equals);
    if (equals != std::string::npos) {
      env->set(name, setting.substr(equals + 1));
    } else if (const char* value = getenv(name.c_str())) {
      env->set(name, std::string(value));
    } else {
      throw Failure(kWrongUsage, "--env " + name + ": there is no such variable here; NAME=VALUE sets one");
    }
  }
  return env;
}

Object::Ptr limitsOf(const std::vector<std::string>& settings) {
  Object::Ptr limits = new Object;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    const auto digits = equals == std::string::npos ? std::string() : setting.substr(equals + 1);
    int64_t value = 0;
    const auto [stop, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || failure != std::errc() || stop != digits.data() + digits.size())
      throw Failure(kWrongUsage, "--limit " + setting + ": must be NAME=NUMBER, for instance cpu_seconds=5");
    limits->set(setting.substr(0, equals), value);
  }
  return limits;
}

Array::Ptr filesOf(const std::vector<std::string>& inputs) {
  Array::Ptr files = new Array;
  for (const auto& input : inputs) {
    const auto equals = input.find('=');
    const auto path = equals == std::string::npos ? input : input.substr(equals + 1);
    Object::Ptr file = new Object;
    file->set("name",
              equals == std::string::npos ? path.substr(path.rfind('/') + 1) : input.substr(0, equals));
    setBytes(*file, "content", contentOf(path));
    files->add(file);
  }
  return files;
}

}  // namespace

void TaskRequest::addTo(CLI::App& command) {
  command.add_option("FILE", file, "The script; - reads it from standard input");
  command.add_option("ARGUMENTS", arguments,
                     "What the script gets as arguments; -- before the first that begins with -");
  command.add_option("-c,--code", code, "The script itself, instead of FILE");
  command.add_option("-t,--type", type,
                     "Its interpreter (shell, bash, python, ...); else by #! or the extension");
  command.add_option("--ttl", ttl_seconds, "Seconds it may run; the host's usual is 3600");
  command.add_option("--label", label, "A name for people");
  command.add_option("--correlation-id", correlation_id, "An id of yours, by which it is found too");
  command.add_option("--cwd", cwd, "Where it runs, an absolute path; else a directory of its own");
  command.add_option("--priority", priority, "P0 (first) to P2 (last) of what waits; else P1");
  command.add_option("--retries", retries, "How often it is tried again after a failure");
  command.add_option("--retry-on", retry_on, "Outcomes that count as failures")->delimiter(',');
  command.add_option("--stdin", stdin_file, "The file that it reads as standard input; - is ours");
  command.add_option("-e,--env", env, "NAME=VALUE for its environment, or NAME for ours")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--secret-env", secret_env, "The same, written down nowhere; NAME alone keeps it out of ps")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option(
          "--limit", limits,
          "NAME=NUMBER: cpu_seconds, address_space_bytes, file_bytes, open_files, processes, output_bytes")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--on-output-limit", on_output_limit, "drop or kill what writes more than is kept");
  command.add_option("--file", inputs, "PATH or NAME=PATH of a file for its directory")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string TaskRequest::body(const std::vector<std::string>& more_arguments) const {
  std::vector<std::string> words;
  if (!file.empty()) words.push_back(file);
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), more_arguments.begin(), more_arguments.end());
  // As with sh -c, all words are the script's own where it is given otherwise.
  std::string name;
  if (code.empty()) {
    if (words.empty())
      throw Failure(kWrongUsage, "what to run is missing", "vx11 run --type bash --code 'echo hello'");
    name = words.front();
    words.erase(words.begin());
  }
  if (name == kStandardInput && stdin_file == kStandardInput)
    throw Failure(kWrongUsage, "standard input can be the script or its input, not both");
  const auto script = code.empty() ? contentOf(name) : code;
  const auto task_type = type.empty() ? taskTypeOf(name, script) : type;
  if (task_type.empty())
    throw Failure(kWrongUsage, "neither the first line nor the name of the script says what runs it",
                  "vx11 run --type bash " + (name.empty() ? "--code '...'" : text::shellQuote(name)));
  Object body(Poco::JSON_PRESERVE_KEY_ORDER);
  body.set("task_type", task_type);
  setBytes(body, "code", script);
  if (!words.empty()) body.set("args", listOf(words));
  if (!stdin_file.empty()) setBytes(body, "stdin", contentOf(stdin_file));
  if (!env.empty()) body.set("env", environmentOf(env));
  if (!secret_env.empty()) body.set("secret_env", environmentOf(secret_env));
  if (!inputs.empty()) body.set("files", filesOf(inputs));
  if (!limits.empty()) body.set("limits", limitsOf(limits));
  setUnlessEmpty(body, "on_output_limit", on_output_limit);
  if (ttl_seconds) body.set("ttl_seconds", *ttl_seconds);
  if (retries) body.set("max_retries", *retries);
  if (!retry_on.empty()) body.set("retry_on", listOf(retry_on));
  setUnlessEmpty(body, "label", label);
  setUnlessEmpty(body, "correlation_id", correlation_id);
  setUnlessEmpty(body, "cwd", cwd);
  setUnlessEmpty(body, "priority", priority);
  std::ostringstream json;
  body.stringify(json);
  return json.str();
}

}  // namespace vx11::client
