// vx11.interpreter/1 of a loaded plugin as an Interpreter of ours.
#pragma once

#include <vx11/interpreter.h>

#include <atomic>
#include <string>
#include <vector>

#include "plugins/describe_sink.hpp"
#include "plugins/interpreter.hpp"

namespace vx11::plugins {

// Borrows the instance; does not end it.
class InterpreterAdapter final : public Interpreter {
 public:
  // Calls describe(). `functions` is what get_interface() returned, not null. Throws Error{kConfiguration} or
  // {kInternal} where a required function is missing or the description breaks a rule.
  InterpreterAdapter(std::string plugin_name, const vx11_interpreter_v1_t* functions, void* instance);

  const std::string& name() const override { return name_; }
  const std::string& program() const override { return description_.program; }
  const std::string& installHint() const override { return description_.install_hint; }
  const std::vector<std::string>& taskTypes() const { return description_.task_types; }

  Plan plan(const InterpretRequest& request) const override;

  // From now on plan() throws Error{kUnavailable}. Calls that are under way must have returned before the
  // instance is destroyed.
  void close() noexcept { closed_ = true; }

 private:
  std::string name_;
  vx11_interpreter_v1_t functions_;
  void* instance_;
  InterpreterDescription description_;
  std::atomic<bool> closed_ = false;
};

}  // namespace vx11::plugins
