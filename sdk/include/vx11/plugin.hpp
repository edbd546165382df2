// The comfortable way to write a plugin: header-only C++17 over the C ABI.
//
//   class Lua final : public vx11::Interpreter {
//     void describe(vx11::Description& about) const override { about.taskType("lua").program("lua"); }
//     void plan(const vx11::Request& request, vx11::Plan& plan) const override {
//       plan.file("main.lua", request.code()).argFile("main.lua").args(request.args());
//     }
//   };
//   VX11_PLUGIN(Lua, "org.example.lua", "lua", "1.0.0")
//
// Every function that the host calls is noexcept and catches: an exception becomes a status and its what()
// the reason. Rationale: a host cannot catch what a plugin with a C++ runtime of its own throws.
//
// All of it is hidden and lives in an inline namespace of its version, so that two plugins built with
// different SDKs never share a symbol.
#pragma once

#include <string.h>
#include <vx11/vx11.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace vx11 {
inline namespace sdk_0_1 {

inline std::string_view toView(vx11_str_t text) {
  return text.n == 0 ? std::string_view{} : std::string_view{text.p, static_cast<std::size_t>(text.n)};
}
inline vx11_str_t toStr(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// Throw it where the request cannot be served: its author reads the message. `field` is a field of the
// request as it is called on the wire ("code", "args[0]", "cwd").
class RequestError : public std::runtime_error {
 public:
  RequestError(std::string field, const std::string& message)
      : std::runtime_error(message), field_(std::move(field)) {}
  const std::string& field() const noexcept { return field_; }

 private:
  std::string field_;
};

namespace detail {

// The newest form of a struct whose creator may be older or newer: what it does not have is zero.
template <class Struct>
Struct prefixOf(const Struct* given) noexcept {
  static_assert(std::is_trivially_copyable_v<Struct>);
  Struct copy{};
  const std::size_t size = given->struct_size < sizeof(Struct) ? given->struct_size : sizeof(Struct);
  memcpy(static_cast<void*>(&copy), given, size);
  return copy;
}

// Calls a function of one of the host's structs, which an older host may lack.
template <class Function, class Sink, class... Args>
void callHost(Function function, const Sink* sink, Args... args) {
  if (function == nullptr) throw std::runtime_error("this vx11 is too old for the plugin: upgrade vx11");
  function(sink, args...);
}

inline void report(const vx11_error_sink_t* error, std::int32_t status, std::string_view message) noexcept {
  if (error != nullptr && VX11_HAS(error, set)) error->set(error, status, 0, toStr(message));
}

// The barrier: runs the body, and turns whatever it throws into a status with a reason.
template <class Body>
std::int32_t guarded(const vx11_error_sink_t* error, Body&& body) noexcept {
  try {
    body();
    return VX11_OK;
  } catch (const RequestError& fault) {
    report(error, VX11_ERR_INVALID_ARG, fault.what());
    if (error != nullptr && VX11_HAS(error, field))
      error->field(error, toStr(fault.field()), toStr(fault.what()));
    return VX11_ERR_INVALID_ARG;
  } catch (const std::bad_alloc&) {
    report(error, VX11_ERR_INTERNAL, "out of memory");
    return VX11_ERR_INTERNAL;
  } catch (const std::exception& fault) {
    report(error, VX11_ERR_EXCEPTION, fault.what());
    return VX11_ERR_EXCEPTION;
  } catch (...) {
    report(error, VX11_ERR_EXCEPTION, "an exception that is not a std::exception");
    return VX11_ERR_EXCEPTION;
  }
}

// Written once, by the entry function.
inline const vx11_log_v1_t* log_service = nullptr;

}  // namespace detail

// A line in the host's log, with the plugin's name. `level` is VX11_LOG_*. Thread-safe; nothing where the
// host has no log.
inline void log(std::uint32_t level, std::string_view message) noexcept {
  if (detail::log_service != nullptr) detail::log_service->write(detail::log_service, level, toStr(message));
}

// What is to be run. Everything it returns lives until plan() returns.
class Request {
 public:
  explicit Request(const vx11_task_request_t* raw) : raw_(detail::prefixOf(raw)) {}

  std::string_view taskType() const { return toView(raw_.task_type); }
  std::string_view code() const { return toView(raw_.code); }
  std::vector<std::string_view> args() const {
    std::vector<std::string_view> all;
    all.reserve(static_cast<std::size_t>(raw_.args_count));
    for (std::uint64_t i = 0; i < raw_.args_count; ++i) all.push_back(toView(raw_.args[i]));
    return all;
  }
  std::vector<std::pair<std::string_view, std::string_view>> env() const {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    all.reserve(static_cast<std::size_t>(raw_.env_count));
    for (std::uint64_t i = 0; i < raw_.env_count; ++i)
      all.emplace_back(toView(raw_.env[i].name), toView(raw_.env[i].value));
    return all;
  }
  std::string_view stdinBytes() const { return toView(raw_.stdin_bytes); }
  std::string_view cwd() const { return toView(raw_.cwd); }              // empty: the task directory
  std::string_view optionsJson() const { return toView(raw_.options); }  // may be empty

 private:
  vx11_task_request_t raw_;
};

// What the host is to start; the rules of each call are at vx11_plan_sink_t. Copies at once.
class Plan {
 public:
  explicit Plan(const vx11_plan_sink_t* sink) : sink_(sink), calls_(detail::prefixOf(sink)) {}
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  Plan& program(std::string_view nameOrPath) { return call(calls_.program, toStr(nameOrPath)); }
  Plan& arg(std::string_view text) { return call(calls_.arg, toStr(text)); }
  template <class Range>
  Plan& args(const Range& texts) {
    for (const auto& text : texts) arg(text);
    return *this;
  }
  Plan& argFile(std::string_view name) { return call(calls_.arg_file, toStr(name)); }
  Plan& file(std::string_view name, std::string_view content, std::uint32_t mode = 0600) {
    return call(calls_.file, toStr(name), toStr(content), mode);
  }
  Plan& env(std::string_view name, std::string_view value) {
    return call(calls_.env_set, toStr(name), toStr(value));
  }
  Plan& stdinBytes(std::string_view bytes) { return call(calls_.stdin_bytes, toStr(bytes)); }
  Plan& cwd(std::string_view path) { return call(calls_.cwd, toStr(path)); }

 private:
  template <class Function, class... Args>
  Plan& call(Function function, Args... args) {
    detail::callHost(function, sink_, args...);
    return *this;
  }

  const vx11_plan_sink_t* sink_;
  vx11_plan_sink_t calls_;
};

// What an interpreter says about itself; see vx11_describe_sink_t.
class Description {
 public:
  explicit Description(const vx11_describe_sink_t* sink) : sink_(sink), calls_(detail::prefixOf(sink)) {}
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

  Description& taskType(std::string_view name) { return call(calls_.task_type, name); }
  Description& program(std::string_view nameOrPath) { return call(calls_.program, nameOrPath); }
  Description& installHint(std::string_view text) { return call(calls_.install_hint, text); }

 private:
  template <class Function>
  Description& call(Function function, std::string_view text) {
    detail::callHost(function, sink_, toStr(text));
    return *this;
  }

  const vx11_describe_sink_t* sink_;
  vx11_describe_sink_t calls_;
};

// Derive from it, override both, and name the class in VX11_PLUGIN. Needs a default constructor. plan() is
// called by several threads at once; see vx11_interpreter_v1_t.
class Interpreter {
 public:
  virtual ~Interpreter() = default;
  virtual void describe(Description& about) const = 0;
  virtual void plan(const Request& request, Plan& plan) const = 0;
};

namespace detail {

template <class Plugin>
constexpr std::uint32_t kindsOf() {
  static_assert(std::is_base_of_v<Interpreter, Plugin>, "a plugin derives from vx11::Interpreter");
  return VX11_KIND_INTERPRETER;
}

// The C side of a plugin class: functions that never throw.
template <class Plugin>
struct Glue {
  static std::int32_t describe(void* instance, const vx11_describe_sink_t* sink,
                               const vx11_error_sink_t* error) noexcept {
    return guarded(error, [&] {
      Description about(sink);
      static_cast<const Interpreter*>(instance)->describe(about);
    });
  }

  static std::int32_t plan(void* instance, const vx11_task_request_t* request, const vx11_plan_sink_t* sink,
                           const vx11_error_sink_t* error) noexcept {
    return guarded(error, [&] {
      Plan plan(sink);
      static_cast<const Interpreter*>(instance)->plan(Request(request), plan);
    });
  }

  static const void* interface(vx11_str_t id) noexcept {
    static constexpr vx11_interpreter_v1_t kInterpreter{sizeof(vx11_interpreter_v1_t), 0, &describe, &plan};
    constexpr std::string_view kId = VX11_INTERPRETER_ID;
    const bool same = id.n == kId.size() && memcmp(id.p, kId.data(), kId.size()) == 0;
    return same ? &kInterpreter : nullptr;
  }

  static std::int32_t create(const vx11_create_args_t*, void** instance,
                             const vx11_error_sink_t* error) noexcept {
    return guarded(error, [&] { *instance = static_cast<Interpreter*>(new Plugin()); });
  }

  static void destroy(void* instance) noexcept { delete static_cast<Interpreter*>(instance); }

  static const vx11_plugin_t* entry(const vx11_host_t* host, const vx11_plugin_t* descriptor) noexcept {
    constexpr std::string_view kId = VX11_LOG_ID;
    if (host != nullptr && VX11_HAS(host, get_service) && log_service == nullptr)
      log_service = static_cast<const vx11_log_v1_t*>(host->get_service(host, toStr(kId)));
    return descriptor;
  }
};

}  // namespace detail
}  // namespace sdk_0_1
}  // namespace vx11
#pragma GCC visibility pop

// Writes the descriptor, the entry function and the note of a plugin; at file scope, once, outside any
// namespace. All three texts are literals: reverse-DNS id, short name (interpreter.NAME.program), version.
/* clang-format off */
#define VX11_PLUGIN(Class, plugin_id, plugin_name, plugin_version)                                         \
  extern "C" const vx11_plugin_t* vx11_plugin_entry_v1(const vx11_host_t* host) noexcept {                 \
    using Glue = ::vx11::detail::Glue<Class>;                                                              \
    static constexpr vx11_plugin_t kDescriptor{                                                            \
        sizeof(vx11_plugin_t), 0,                                                                          \
        {plugin_id, sizeof(plugin_id) - 1}, {plugin_name, sizeof(plugin_name) - 1},                        \
        {plugin_version, sizeof(plugin_version) - 1},                                                      \
        &Glue::interface, nullptr, nullptr, &Glue::create, &Glue::destroy};                                \
    return Glue::entry(host, &kDescriptor);                                                                \
  }                                                                                                        \
  VX11_PLUGIN_NOTE(::vx11::detail::kindsOf<Class>(), plugin_id, plugin_version)
/* clang-format on */
