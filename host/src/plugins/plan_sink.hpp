// Takes a plan from a plugin, and believes none of it unchecked.
#pragma once

#include <vx11/interpreter.h>

#include <string>
#include <string_view>

#include "base/plan.hpp"
#include "plugins/interpreter.hpp"

namespace vx11::plugins {

inline constexpr size_t kMaxPlanArgs = 10000;
inline constexpr size_t kMaxPlanFiles = 200;  // each travels to the spawner as a descriptor of its own

// For one call of plan(), on one thread. Its functions never throw: the first broken rule is remembered.
class PlanSink {
 public:
  PlanSink();
  PlanSink(const PlanSink&) = delete;
  PlanSink& operator=(const PlanSink&) = delete;

  const vx11_plan_sink_t* abi() const { return &abi_; }

  // After plan() returned: fills in what the plugin left to the request and to its description, and puts the
  // request's env over the plugin's. Throws Error{kInternal} for the first broken rule. Call once.
  Plan finish(const InterpretRequest& request, const std::string& default_program, const std::string& plugin);

 private:
  struct Abi : vx11_plan_sink_t {
    PlanSink* owner;
  };

  static void program(const vx11_plan_sink_t* self, vx11_str_t program) noexcept;
  static void arg(const vx11_plan_sink_t* self, vx11_str_t text) noexcept;
  static void argFile(const vx11_plan_sink_t* self, vx11_str_t name) noexcept;
  static void file(const vx11_plan_sink_t* self, vx11_str_t name, vx11_str_t content, uint32_t mode) noexcept;
  static void envSet(const vx11_plan_sink_t* self, vx11_str_t name, vx11_str_t value) noexcept;
  static void stdinBytes(const vx11_plan_sink_t* self, vx11_str_t bytes) noexcept;
  static void cwd(const vx11_plan_sink_t* self, vx11_str_t path) noexcept;

  // Runs what takes one call; remembers what it throws.
  template <class Body>
  static void take(const vx11_plan_sink_t* self, Body&& body) noexcept;
  void addArg(std::string_view text, bool in_task_directory);
  void addFile(std::string_view name, std::string_view content, uint32_t mode);
  void setEnv(std::string_view name, std::string_view value);
  bool hasFile(std::string_view name) const;

  Abi abi_{};
  Plan plan_;
  bool has_stdin_ = false;
  const char* fault_ = nullptr;  // a literal
};

}  // namespace vx11::plugins
