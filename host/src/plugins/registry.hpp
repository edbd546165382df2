// Every plugin file that was looked at, what became of it, and the interpreters by task type.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/interpreter.hpp"

namespace vx11::plugins {

enum class State { kLoaded, kRefused };

// One file of the plugin path, for GET /vx11/plugins.
struct PluginRecord {
  std::string file;  // canonical path
  State state = State::kRefused;
  std::string reason;  // why refused: a sentence that says what to change; empty when loaded
  std::string id;      // reverse-DNS, from the note; empty where there is none
  std::string name;
  std::string version;
  std::string sdk_version;
  std::vector<std::string> kinds;       // "vx11.interpreter/1"
  std::vector<std::string> task_types;  // what an interpreter serves
};

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Looks at every *.so of each directory in order of name, loads what can be trusted and speaks our ABI, and
  // records the rest as refused. Call once, before other threads use the registry. Never throws for a bad
  // plugin; a directory that is missing, or that others may write to, is logged and recorded as one refused
  // entry. Two plugins for one task type: the first in the path keeps it, the second is refused.
  void load(const std::vector<std::filesystem::path>& directories);

  // Calls stop() of each plugin. Libraries stay mapped until the process ends.
  void stop() noexcept;

  // nullptr where no loaded plugin serves the type. Valid for the registry's life. Thread-safe after load().
  const Interpreter* interpreterFor(std::string_view task_type) const;
  // Sorted, without duplicates.
  std::vector<std::string> taskTypes() const;
  const std::vector<PluginRecord>& records() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vx11::plugins
