#include "plugins/abi_version.hpp"

namespace vx11::plugins {

namespace {

std::string dotted(uint32_t major, uint32_t minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

}  // namespace

std::optional<std::string> versionFault(const PluginNote& plugin, const HostAbi& host) {
  const std::string here = "this vx11 " + host.version + " speaks " + dotted(host.major, host.minor);
  if (plugin.abi_major != host.major)
    return "It was built for plugin ABI " + dotted(plugin.abi_major, plugin.abi_minor_built) + " (SDK " +
           plugin.sdk_version + "), but " + here + ": rebuild it with an SDK for ABI " +
           std::to_string(host.major) + ", or run a vx11 that speaks ABI " +
           std::to_string(plugin.abi_major) + ".";
  if (plugin.abi_minor_required > host.minor)
    return "It needs plugin ABI " + dotted(plugin.abi_major, plugin.abi_minor_required) + ", but " + here +
           ": upgrade vx11, or rebuild the plugin with TARGET_MINOR " + std::to_string(host.minor) + ".";
  return std::nullopt;
}

}  // namespace vx11::plugins
