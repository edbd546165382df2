#include "plugins/describe_sink.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "plugins/abi_text.hpp"

namespace vx11::plugins {

namespace {

constexpr size_t kMaxTaskTypes = 64;
constexpr size_t kMaxTaskTypeBytes = 64;
constexpr std::string_view kTaskTypeCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";

}  // namespace

bool isProgram(std::string_view program) {
  if (program.empty() || program.find('\0') != std::string_view::npos) return false;
  return program.front() == '/' || program.find('/') == std::string_view::npos;
}

DescribeSink::DescribeSink() {
  abi_.struct_size = sizeof(vx11_describe_sink_t);
  abi_.task_type = &DescribeSink::taskType;
  abi_.program = &DescribeSink::program;
  abi_.install_hint = &DescribeSink::installHint;
  abi_.owner = this;
}

void DescribeSink::fault(const char* sentence) noexcept {
  if (fault_ == nullptr) fault_ = sentence;
}

void DescribeSink::taskType(const vx11_describe_sink_t* self, vx11_str_t name) noexcept {
  auto& sink = *static_cast<const Abi*>(self)->owner;
  try {
    const auto text = viewOf(name).value_or(std::string_view{});
    auto& all = sink.description_.task_types;
    if (text.empty() || text.size() > kMaxTaskTypeBytes ||
        text.find_first_not_of(kTaskTypeCharacters) != std::string_view::npos)
      return sink.fault("a task_type is 1 to 64 of [A-Za-z0-9._+-]");
    if (all.size() == kMaxTaskTypes) return sink.fault("an interpreter serves at most 64 task types");
    if (std::find(all.begin(), all.end(), text) == all.end()) all.emplace_back(text);
  } catch (...) {
    sink.fault("out of memory");
  }
}

void DescribeSink::program(const vx11_describe_sink_t* self, vx11_str_t program) noexcept {
  auto& sink = *static_cast<const Abi*>(self)->owner;
  try {
    const auto text = viewOf(program).value_or(std::string_view{});
    if (!isProgram(text)) return sink.fault("program is an absolute path or a bare name");
    sink.description_.program = text;
  } catch (...) {
    sink.fault("out of memory");
  }
}

void DescribeSink::installHint(const vx11_describe_sink_t* self, vx11_str_t text) noexcept {
  auto& sink = *static_cast<const Abi*>(self)->owner;
  try {
    sink.description_.install_hint = readable(text);
  } catch (...) {
    sink.fault("out of memory");
  }
}

InterpreterDescription DescribeSink::finish() {
  if (fault_ == nullptr && description_.task_types.empty())
    fault_ = "an interpreter names at least one task_type";
  if (fault_ != nullptr)
    throw Error(ErrorCode::kConfiguration, std::string("Its describe() breaks a rule: ") + fault_ + ".");
  std::sort(description_.task_types.begin(), description_.task_types.end());
  return std::move(description_);
}

}  // namespace vx11::plugins
