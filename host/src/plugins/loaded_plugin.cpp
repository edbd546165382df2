#include "plugins/loaded_plugin.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "plugins/abi_text.hpp"
#include "plugins/error_sink.hpp"

namespace vx11::plugins {

namespace {

constexpr size_t kMaxNameBytes = 32;

[[noreturn]] void refusePlugin(const std::string& sentence) {
  throw Error(ErrorCode::kConfiguration, sentence);
}

bool isName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

vx11_plugin_t copyOf(const vx11_plugin_t* descriptor) {
  if (descriptor == nullptr)
    refusePlugin("Its " VX11_PLUGIN_ENTRY
                 " returned no descriptor: it says that it cannot work here; ask its author.");
  return prefixOf(descriptor);
}

// For calls that can report nothing.
template <class Call>
void quietly(const std::string& plugin, const char* function, Call&& call) noexcept {
  try {
    call();
  } catch (...) {
    log::error("plugin.bug",
               {{"plugin", plugin}, {"function", function}, {"reason", "let an exception out"}});
  }
}

}  // namespace

LoadedPlugin::LoadedPlugin(const vx11_plugin_t* descriptor, const PluginNote& note)
    : descriptor_(copyOf(descriptor)) {
  checkIdentity(note);
  try {
    start();
    createInterpreter();
  } catch (...) {
    stop();
    throw;
  }
}

void LoadedPlugin::checkIdentity(const PluginNote& note) {
  const auto id = readable(descriptor_.id);
  if (id != note.id)
    refusePlugin("Its note says id " + note.id + ", but its descriptor says " + (id.empty() ? "none" : id) +
                 ": make them the same and build it again.");
  const auto version = readable(descriptor_.version);
  if (version != note.version)
    refusePlugin("Its note says version " + note.version + ", but its descriptor says " +
                 (version.empty() ? "none" : version) + ": make them the same and build it again.");
  name_ = readable(descriptor_.name);
  if (!isName(name_)) refusePlugin("Its name must be 1 to 32 of [a-z0-9_-]: change it in VX11_PLUGIN.");
  if (descriptor_.get_interface == nullptr)
    refusePlugin("It lacks the function get_interface() of its descriptor: implement it and build it again.");
  if ((descriptor_.create == nullptr) != (descriptor_.destroy == nullptr))
    refusePlugin("It has only one of create() and destroy(): implement both or none.");
}

void LoadedPlugin::start() {
  if (descriptor_.start != nullptr)
    ErrorSink().run(name_, "start", [&](const auto* error) { return descriptor_.start(error); });
  started_ = true;
}

void LoadedPlugin::createInterpreter() {
  const void* functions = nullptr;
  ErrorSink().run(name_, "get_interface", [&](const auto*) {
    functions = descriptor_.get_interface(strOf(VX11_INTERPRETER_ID));
    return VX11_OK;
  });
  if (functions == nullptr)
    refusePlugin("Its note promises " VX11_INTERPRETER_ID
                 ", but get_interface() does not have it: build it again.");
  if (descriptor_.create != nullptr) {
    vx11_create_args_t args{};
    args.struct_size = sizeof args;
    args.interface_id = strOf(VX11_INTERPRETER_ID);
    ErrorSink().run(name_, "create",
                    [&](const auto* error) { return descriptor_.create(&args, &instance_, error); });
    created_ = true;
  }
  interpreter_ = std::make_unique<InterpreterAdapter>(
      name_, static_cast<const vx11_interpreter_v1_t*>(functions), instance_);
}

void LoadedPlugin::stop() noexcept {
  if (interpreter_ != nullptr) interpreter_->close();
  if (std::exchange(created_, false)) quietly(name_, "destroy", [&] { descriptor_.destroy(instance_); });
  if (std::exchange(started_, false) && descriptor_.stop != nullptr)
    quietly(name_, "stop", [&] { descriptor_.stop(); });
}

}  // namespace vx11::plugins
