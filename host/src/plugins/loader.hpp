// From a file to a running plugin: everything that can be known without running its code is checked first.
#pragma once

#include <filesystem>
#include <memory>

#include "plugins/loaded_plugin.hpp"
#include "plugins/registry.hpp"

namespace vx11::plugins {

// Trust, note, version, kind, mapping, descriptor, in this order. `file` is absolute, its directory already
// checked. Fills the record with what becomes known on the way, also where it then throws Error with the
// sentence of the refusal. Leaves record.state and record.reason to the caller.
std::unique_ptr<LoadedPlugin> loadPlugin(const std::filesystem::path& file, PluginRecord& record);

}  // namespace vx11::plugins
