#include "plugins/interpreter_adapter.hpp"

#include "base/error.hpp"
#include "plugins/abi_text.hpp"
#include "plugins/error_sink.hpp"
#include "plugins/plan_sink.hpp"

namespace vx11::plugins {

namespace {

void require(bool present, const char* function) {
  if (!present)
    throw Error(ErrorCode::kConfiguration, std::string("It lacks the function ") + function +
                                               "() of vx11.interpreter/1: implement it and build it again.");
}

// The request in the ABI's shape; points into the request.
struct AbiRequest {
  explicit AbiRequest(const InterpretRequest& request) {
    for (const auto& arg : request.args) args.push_back(strOf(arg));
    for (const auto& [name, value] : request.env) env.push_back({strOf(name), strOf(value)});
    abi.struct_size = sizeof abi;
    abi.task_type = strOf(request.task_type);
    abi.code = strOf(request.code);
    abi.args = args.data();
    abi.args_count = args.size();
    abi.env = env.data();
    abi.env_count = env.size();
    abi.stdin_bytes = strOf(request.stdin_bytes);
    abi.cwd = strOf(request.cwd);
    abi.options = strOf(request.options_json);
  }
  AbiRequest(const AbiRequest&) = delete;
  AbiRequest& operator=(const AbiRequest&) = delete;

  std::vector<vx11_str_t> args;
  std::vector<vx11_pair_t> env;
  vx11_task_request_t abi{};
};

}  // namespace

InterpreterAdapter::InterpreterAdapter(std::string plugin_name, const vx11_interpreter_v1_t* functions,
                                       void* instance)
    : name_(std::move(plugin_name)), functions_(prefixOf(functions)), instance_(instance) {
  require(functions_.describe != nullptr, "describe");
  require(functions_.plan != nullptr, "plan");
  DescribeSink sink;
  ErrorSink().run(name_, "describe",
                  [&](const auto* error) { return functions_.describe(instance_, sink.abi(), error); });
  description_ = sink.finish();
}

Plan InterpreterAdapter::plan(const InterpretRequest& request) const {
  if (closed_) throw Error(ErrorCode::kUnavailable, "The interpreter plugins have been stopped.");
  // Told apart from a plugin that invents too many.
  if (request.args.size() > kMaxPlanArgs / 2)
    throw Error(ErrorCode::kInvalidField, "There are too many arguments.",
                {FieldError{"args", "At most 5000 arguments; put more into stdin."}});
  const AbiRequest abi(request);
  PlanSink sink;
  ErrorSink().run(name_, "plan",
                  [&](const auto* error) { return functions_.plan(instance_, &abi.abi, sink.abi(), error); });
  return sink.finish(request, description_.program, name_);
}

}  // namespace vx11::plugins
