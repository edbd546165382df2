// Takes what an interpreter says about itself, and believes none of it unchecked.
#pragma once

#include <vx11/interpreter.h>

#include <string>
#include <vector>

namespace vx11::plugins {

struct InterpreterDescription {
  std::vector<std::string> task_types;  // sorted, at least one
  std::string program;                  // bare name or absolute path; may be empty
  std::string install_hint;             // may be empty
};

// For one call of describe(). Its functions never throw.
class DescribeSink {
 public:
  DescribeSink();
  DescribeSink(const DescribeSink&) = delete;
  DescribeSink& operator=(const DescribeSink&) = delete;

  const vx11_describe_sink_t* abi() const { return &abi_; }
  // After describe() returned. Throws Error{kConfiguration} for the first broken rule.
  InterpreterDescription finish();

 private:
  struct Abi : vx11_describe_sink_t {
    DescribeSink* owner;
  };

  static void taskType(const vx11_describe_sink_t* self, vx11_str_t name) noexcept;
  static void program(const vx11_describe_sink_t* self, vx11_str_t program) noexcept;
  static void installHint(const vx11_describe_sink_t* self, vx11_str_t text) noexcept;
  void fault(const char* sentence) noexcept;

  Abi abi_{};
  InterpreterDescription description_;
  const char* fault_ = nullptr;  // a literal
};

// A bare name or an absolute path, without NUL.
bool isProgram(std::string_view program);

}  // namespace vx11::plugins
