#include "plugins/plan_sink.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "plugins/abi_text.hpp"
#include "plugins/describe_sink.hpp"

namespace vx11::plugins {

namespace {

// A rule of vx11_plan_sink_t that was broken; thrown and caught within this file.
struct Broken {
  const char* rule;  // a literal
};

std::string_view bytes(vx11_str_t text) {
  const auto view = viewOf(text);
  if (!view) throw Broken{"a text has a length but no pointer"};
  return *view;
}

std::string_view withoutNul(vx11_str_t text) {
  const auto view = bytes(text);
  if (view.find('\0') != std::string_view::npos)
    throw Broken{"only code, stdin and file contents may have a NUL"};
  return view;
}

bool isFileName(std::string_view name) {
  if (name.empty() || name.size() > 255) return false;
  for (size_t start = 0; start <= name.size();) {
    const size_t end = std::min(name.find('/', start), name.size());
    const auto part = name.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return true;
}

}  // namespace

PlanSink::PlanSink() {
  abi_.struct_size = sizeof(vx11_plan_sink_t);
  abi_.program = &PlanSink::program;
  abi_.arg = &PlanSink::arg;
  abi_.arg_file = &PlanSink::argFile;
  abi_.file = &PlanSink::file;
  abi_.env_set = &PlanSink::envSet;
  abi_.stdin_bytes = &PlanSink::stdinBytes;
  abi_.cwd = &PlanSink::cwd;
  abi_.owner = this;
}

template <class Body>
void PlanSink::take(const vx11_plan_sink_t* self, Body&& body) noexcept {
  auto& sink = *static_cast<const Abi*>(self)->owner;
  if (sink.fault_ != nullptr) return;
  try {
    body(sink);
  } catch (const Broken& broken) {
    sink.fault_ = broken.rule;
  } catch (...) {
    sink.fault_ = "the plan does not fit into memory";
  }
}

void PlanSink::program(const vx11_plan_sink_t* self, vx11_str_t program) noexcept {
  take(self, [&](PlanSink& sink) {
    const auto text = bytes(program);
    if (!isProgram(text)) throw Broken{"program is an absolute path or a bare name, without NUL"};
    sink.plan_.program = text;
  });
}

void PlanSink::arg(const vx11_plan_sink_t* self, vx11_str_t text) noexcept {
  take(self, [&](PlanSink& sink) { sink.addArg(withoutNul(text), false); });
}

void PlanSink::argFile(const vx11_plan_sink_t* self, vx11_str_t name) noexcept {
  take(self, [&](PlanSink& sink) { sink.addArg(withoutNul(name), true); });
}

void PlanSink::file(const vx11_plan_sink_t* self, vx11_str_t name, vx11_str_t content,
                    uint32_t mode) noexcept {
  take(self, [&](PlanSink& sink) { sink.addFile(withoutNul(name), bytes(content), mode); });
}

void PlanSink::envSet(const vx11_plan_sink_t* self, vx11_str_t name, vx11_str_t value) noexcept {
  take(self, [&](PlanSink& sink) {
    const auto variable = withoutNul(name);
    if (variable.empty() || variable.find('=') != std::string_view::npos)
      throw Broken{"the name of a variable is not empty and has no '='"};
    if (variable.starts_with("VX11_")) throw Broken{"variables that start with VX11_ belong to the host"};
    sink.setEnv(variable, withoutNul(value));
  });
}

void PlanSink::stdinBytes(const vx11_plan_sink_t* self, vx11_str_t content) noexcept {
  take(self, [&](PlanSink& sink) {
    sink.plan_.stdin_bytes = bytes(content);
    sink.has_stdin_ = true;
  });
}

void PlanSink::cwd(const vx11_plan_sink_t* self, vx11_str_t path) noexcept {
  take(self, [&](PlanSink& sink) {
    const auto text = withoutNul(path);
    if (!text.starts_with('/')) throw Broken{"cwd is an absolute path"};
    sink.plan_.cwd = text;
  });
}

void PlanSink::addArg(std::string_view text, bool in_task_directory) {
  if (plan_.args.size() == kMaxPlanArgs) throw Broken{"a plan has at most 10,000 arguments"};
  plan_.args.push_back({std::string(text), in_task_directory});
}

void PlanSink::addFile(std::string_view name, std::string_view content, uint32_t mode) {
  if (!isFileName(name))
    throw Broken{"the name of a file is relative, at most 255 bytes, without empty, \".\" or \"..\" parts"};
  if (hasFile(name)) throw Broken{"each file is named once"};
  if (mode > 0777) throw Broken{"the mode of a file is at most 0777"};
  if (plan_.files.size() == kMaxPlanFiles) throw Broken{"a plan has at most 200 files"};
  plan_.files.push_back({std::string(name), std::string(content), mode == 0 ? 0600 : mode});
}

void PlanSink::setEnv(std::string_view name, std::string_view value) {
  for (auto& [known, old] : plan_.env)
    if (known == name) {
      old = value;
      return;
    }
  plan_.env.emplace_back(name, value);
}

bool PlanSink::hasFile(std::string_view name) const {
  return std::any_of(plan_.files.begin(), plan_.files.end(),
                     [&](const auto& file) { return file.name == name; });
}

Plan PlanSink::finish(const InterpretRequest& request, const std::string& default_program,
                      const std::string& plugin) {
  if (plan_.program.empty()) plan_.program = default_program;
  if (fault_ == nullptr && plan_.program.empty())
    fault_ = "a plan names a program, or the plugin describes one";
  for (const auto& arg : plan_.args)
    if (fault_ == nullptr && arg.in_task_directory && !hasFile(arg.text))
      fault_ = "arg_file() names a file that was given to file()";
  if (fault_ != nullptr)
    throw Error(ErrorCode::kInternal, "The plan of the plugin " + plugin + " breaks a rule: " + fault_ + ".");
  for (const auto& [name, value] : request.env) setEnv(name, value);
  if (plan_.cwd.empty()) plan_.cwd = request.cwd;
  if (!has_stdin_) plan_.stdin_bytes = request.stdin_bytes;
  return std::move(plan_);
}

}  // namespace vx11::plugins
