// One plugin that runs in this process: its descriptor, its instance, its life.
#pragma once

#include <vx11/plugin.h>

#include <memory>
#include <string>

#include "plugins/elf_note.hpp"
#include "plugins/interpreter_adapter.hpp"

namespace vx11::plugins {

class LoadedPlugin {
 public:
  // Checks the descriptor against the note, then start(), create() and describe(). Throws Error with a
  // sentence that says what to change; whatever was started is stopped again then.
  LoadedPlugin(const vx11_plugin_t* descriptor, const PluginNote& note);
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;
  ~LoadedPlugin() { stop(); }

  const std::string& name() const { return name_; }
  const InterpreterAdapter& interpreter() const { return *interpreter_; }

  // destroy() and stop(), once. No plan() may be under way. Never throws.
  void stop() noexcept;

 private:
  void checkIdentity(const PluginNote& note);
  void start();
  void createInterpreter();

  vx11_plugin_t descriptor_;
  std::string name_;
  bool started_ = false;
  bool created_ = false;
  void* instance_ = nullptr;
  std::unique_ptr<InterpreterAdapter> interpreter_;
};

}  // namespace vx11::plugins
