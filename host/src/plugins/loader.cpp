#include "plugins/loader.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "plugins/abi_version.hpp"
#include "plugins/error_sink.hpp"
#include "plugins/host_services.hpp"
#include "plugins/library.hpp"
#include "plugins/trust.hpp"

namespace vx11::plugins {

namespace {

PluginNote readTrustedNote(const std::filesystem::path& file, PluginRecord& record) {
  const auto fd = openTrusted(file);
  auto note = readNote(fd.get());
  record.id = note.id;
  record.version = note.version;
  record.sdk_version = note.sdk_version;
  record.kinds = kindNames(note.kinds);
  return note;
}

const vx11_plugin_t* callEntry(const std::filesystem::path& file, const PluginNote& note) {
  // Should a static constructor crash, this is the line that tells which file it was.
  log::info("plugin.mapping", {{"plugin", note.id}, {"file", file.string()}});
  const auto library = Library::open(file);
  // Without the header's noexcept: what a plugin without the barrier lets out can then still be caught.
  using Entry = const vx11_plugin_t*(const vx11_host_t*);
  Entry* const entry = library.function<Entry>(VX11_PLUGIN_ENTRY);
  if (entry == nullptr)
    throw Error(ErrorCode::kConfiguration, "It does not export " VX11_PLUGIN_ENTRY
                                           ": use VX11_PLUGIN and vx11_add_plugin(), and build it again.");
  const vx11_plugin_t* descriptor = nullptr;
  ErrorSink().run(note.id, VX11_PLUGIN_ENTRY, [&](const auto*) {
    descriptor = entry(hostFor(note.id));
    return VX11_OK;
  });
  return descriptor;
}

}  // namespace

std::unique_ptr<LoadedPlugin> loadPlugin(const std::filesystem::path& file, PluginRecord& record) {
  const auto note = readTrustedNote(file, record);
  HostAbi host;
  host.version = hostVersion();
  if (const auto fault = versionFault(note, host)) throw Error(ErrorCode::kConfiguration, *fault);
  if ((note.kinds & VX11_KIND_INTERPRETER) == 0)
    throw Error(ErrorCode::kConfiguration, "It has no kind that this vx11 " + host.version +
                                               " serves (" VX11_INTERPRETER_ID "): upgrade vx11.");
  auto plugin = std::make_unique<LoadedPlugin>(callEntry(file, note), note);
  record.name = plugin->name();
  record.task_types = plugin->interpreter().taskTypes();
  return plugin;
}

}  // namespace vx11::plugins
